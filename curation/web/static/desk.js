// What JavaScript adds to the desk. Every page works without it.
"use strict";
document.documentElement.classList.add("js");

const keys = JSON.parse(document.body.dataset.shortcuts || "{}");
const actions = new Map(Object.entries(keys).filter(([, key]) => key).map(([action, key]) => [key, action]));
const dialog = document.getElementById("shortcuts");

function typing(target) {
  if (target.matches("input[type=checkbox]")) return false; // nothing is typed there, and a verdict often follows
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("dialog[open]");
}

// the action of a key: what it writes; failing that, its place for a digit, since the upper row of an AZERTY keyboard
// writes digits with Shift only. Locked capitals are not meant: « d » and Shift+« d » stay two keys
function actionOf(event) {
  const locked = event.getModifierState("CapsLock") && /^\p{L}$/u.test(event.key);
  const key = !locked ? event.key : event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
  const written = actions.get(key);
  if (written || event.shiftKey || event.getModifierState("AltGraph")) return written;
  const digit = /^Digit(\d)$/.exec(event.code);
  return digit && actions.get(digit[1]);
}

function visible(element) {
  return element.getClientRects().length > 0;
}

// --- shortcuts: one character, never while typing, never with a modifier
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) {
    event.target.blur(); // Escape gives the shortcuts back
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const action = actionOf(event);
  const walks = action === "next" || action === "previous";
  if (!action || (event.repeat && !(walks && document.querySelector(".drafts > .draft")))) return; // held down: only to walk
  if (action === "help" && dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (walks && moveInList(action === "next" ? 1 : -1)) {
    event.preventDefault();
    return;
  }
  const current = document.querySelector(".draft.current");
  const scope = current && current.querySelector(`[data-shortcut="${action}"]`);
  // the navigation comes last: what the page itself offers for this key is closer to what the person does
  const offered = [...document.querySelectorAll(`[data-shortcut="${action}"]`)].sort((a, b) => !!a.closest("nav.main") - !!b.closest("nav.main"));
  const found = scope || offered.find((e) => visible(e) || e.closest("details"));
  if (!found) return;
  event.preventDefault();
  const folded = found.closest("details:not([open])");
  if (folded && found.tagName !== "SUMMARY") folded.open = true;
  if (found.tagName === "DETAILS") {
    found.open = true;
    const first = found.querySelector(found.dataset.first || "input:not([type=hidden]), select, textarea");
    (first || found.querySelector("summary")).focus();
  } else if (found.hasAttribute("data-focus")) {
    found.focus(); // to be chosen among several: Enter takes it, Tab goes on to the next
  } else if (/^(INPUT|TEXTAREA|SELECT)$/.test(found.tagName)) {
    found.focus();
    if (found.select) found.select();
  } else {
    found.click();
  }
});

// --- walking through a list of drafts
function currentDraft() {
  return document.activeElement.closest(".drafts > .draft") || document.querySelector(".draft.current");
}
function moveInList(step) {
  const drafts = [...document.querySelectorAll(".drafts > .draft")];
  if (!drafts.length) return false;
  const at = drafts.indexOf(currentDraft());
  const more = document.querySelector(`nav.pages a[rel=${step > 0 ? "next" : "prev"}]`);
  if (more && at === (step > 0 ? drafts.length - 1 : 0)) { more.focus(); return true; } // one key more: the next page
  const to = Math.min(drafts.length - 1, Math.max(0, at + step));
  drafts.forEach((d) => d.classList.remove("current"));
  drafts[to].classList.add("current");
  const link = drafts[to].querySelector("a");
  link.focus({ preventScroll: true });
  drafts[to].scrollIntoView({ block: "nearest" });
  return true;
}

// --- one click, one verdict: a form is sent once
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

// --- selects that act at once (their button stays for those without JavaScript)
document.querySelectorAll("form[data-auto]").forEach(prepare);
document.addEventListener("htmx:load", (event) => event.target.querySelectorAll && event.target.querySelectorAll("form[data-auto]").forEach(prepare));
function prepare(form) {
  const button = form.querySelector("button");
  if (button) button.hidden = true;
  const select = form.querySelector("select");
  if (!select || select.dataset.ready) return;
  select.dataset.ready = "1";
  // arrows and letters walk through the choices: only Enter, or leaving the list, makes one of them a decision
  let walking = false, sent = select.value;
  const send = () => { if (select.value !== sent) { sent = select.value; form.requestSubmit(); } };
  select.addEventListener("keydown", (event) => {
    walking = event.key !== "Enter" && event.key !== "Tab";
    if (event.key === "Enter" && select.value !== sent) { event.preventDefault(); send(); }
  });
  select.addEventListener("pointerdown", () => { walking = false; });
  select.addEventListener("change", () => { if (!walking) send(); });
  select.addEventListener("blur", send);
}
// the card that comes back takes the place, and the focus, of the one that was changed
let refocus = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  const at = document.activeElement;
  refocus = event.detail.target.contains(at) ? at.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  const at = refocus && document.getElementById(refocus);
  refocus = "";
  if (at) { at.focus(); const draft = at.closest(".draft"); if (draft) draft.classList.add("current"); }
});

// --- a fault in a folded part must show
document.addEventListener("invalid", (event) => {
  const folded = event.target.closest("details:not([open])");
  if (folded) folded.open = true;
}, true);

// --- copy: rich text and Markdown together, so that each editor takes what it knows
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = document.getElementById("copied");
  const plain = document.getElementById(button.dataset.copy);
  const rich = document.getElementById(button.dataset.copyRich || "");
  try {
    const parts = { "text/plain": new Blob([plain.value || plain.textContent], { type: "text/plain" }) };
    if (rich) parts["text/html"] = new Blob([rich.innerHTML], { type: "text/html" });
    await navigator.clipboard.write([new ClipboardItem(parts)]);
    said.textContent = button.dataset.done || "Copié.";
  } catch {
    // no permission, or a page not served over https: select, the person presses Ctrl+C
    plain.closest("details") && (plain.closest("details").open = true);
    plain.focus();
    plain.select && plain.select();
    said.textContent = "Le navigateur n’autorise pas la copie directe : le texte est sélectionné, pressez Ctrl+C.";
  }
});

// --- Enter in a field of a decision sends that decision; elsewhere it saves the words
const ENTER = { share_note: "share", until: "keep" };
document.addEventListener("keydown", (event) => {
  const form = event.key === "Enter" && event.target.form;
  const button = form && ENTER[event.target.name] && form.querySelector(`button[name=act][value=${ENTER[event.target.name]}]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// --- on a narrow screen the communities stand in one row: the one that is open shows
const tab = document.querySelector("nav.tabs [aria-current]");
if (tab) tab.closest("ul").scrollLeft = tab.offsetLeft - tab.closest("ul").offsetLeft - 16;

// --- menus close with Escape, and when the focus leaves them: they must not cover what has it
document.querySelectorAll("details.me").forEach((menu) => menu.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
}));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.me[open]").forEach((d) => { d.open = false; d.querySelector("summary").focus(); });
});

// --- unsaved words are not lost by a wrong key
const edited = document.querySelector("form[data-guard]");
if (edited) {
  let dirty = false;
  edited.addEventListener("input", () => { dirty = true; });
  edited.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

// --- a refusal (already reviewed, session ended) is a page of its own: send again without htmx, to read it
document.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.elt.closest("form");
  if (form && event.detail.elt === form) form.submit();
});
