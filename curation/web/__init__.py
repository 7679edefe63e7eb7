"""The reviewer's desk: pages in French, complete without JavaScript.

``app`` puts it together, ``access`` says who may open what, ``desk`` is what a page receives, ``pages`` holds one
module per place of the desk, ``templates`` what is read, ``static`` what the browser loads.
"""
