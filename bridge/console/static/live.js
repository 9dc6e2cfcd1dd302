// What moves by itself, and the key that leads to the search.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.querySelector("[data-search]");
  if (search) { event.preventDefault(); search.focus(); }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
}

// Parts with data-live are asked for again, by their ids; parts with data-live-too come with them.
// Only what differs is touched: focus, scroll, selection, open folds and what is typed stay.
const EVERY = 2000, ALL_EVERY = 30;
let looks = 0;
function become(shown, fresh) {
  if (shown.nodeName !== fresh.nodeName) return shown.replaceWith(fresh);
  if (shown.nodeType !== Node.ELEMENT_NODE) { if (shown.data !== fresh.data) shown.data = fresh.data; return; }
  const names = (one) => one.getAttributeNames().filter((name) => name !== "open");
  for (const name of names(fresh)) if (shown.getAttribute(name) !== fresh.getAttribute(name)) shown.setAttribute(name, fresh.getAttribute(name));
  for (const name of names(shown)) if (!fresh.hasAttribute(name)) shown.removeAttribute(name);
  const drop = (one) => { const next = one.nextSibling; one.remove(); return next; };
  for (const one of [...shown.children]) if (one.id && !fresh.querySelector(`#${CSS.escape(one.id)}`)) one.remove();
  let at = shown.firstChild;
  for (const node of [...fresh.childNodes]) {
    const same = node.id ? document.getElementById(node.id) : null;
    while (same && at && !at.id) at = drop(at);
    if (at && (at.id || "") === (node.id || "")) { const next = at.nextSibling; become(at, node); at = next; }
    else { same?.remove(); shown.insertBefore(node, at); }
  }
  while (at) at = drop(at);
}

function replace(found) {
  const selected = getSelection();
  for (const fresh of found.querySelectorAll("[data-live], [data-live-too]")) {
    const shown = document.getElementById(fresh.id);
    const isMarked = shown && !selected.isCollapsed && selected.containsNode(shown, true);
    if (shown && !isMarked && !shown.isEqualNode(fresh)) become(shown, fresh);
  }
}

async function look() {
  if (document.visibilityState === "visible") {
    try {
      const headers = { "X-Live": ++looks % ALL_EVERY ? "1" : "all" };
      const answer = await fetch(location.href, { headers, cache: "no-store" });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* The next look may succeed: what is shown says of when it is. */ }
  }
  setTimeout(look, EVERY);
}

if (document.querySelector("[data-live]")) setTimeout(look, EVERY);
