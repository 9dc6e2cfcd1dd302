// What moves by itself, and the key that leads to the search. Pages work without it.
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

// Parts with data-live are asked for again by their ids, and replaced where they have changed.
const EVERY = 2000;
const moving = document.querySelector("[data-live]");

function replace(found) {
  for (const fresh of found.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(fresh.id);
    if (!shown || shown.innerHTML === fresh.innerHTML) continue;
    const focused = shown.contains(document.activeElement) ? document.activeElement : null;
    if (focused && focused.matches("input, textarea, select")) continue;
    const place = focused && (focused.id || focused.getAttribute("href"));
    const open = [...shown.querySelectorAll("details[open][id]")].map((one) => one.id);
    shown.innerHTML = fresh.innerHTML;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (place) shown.querySelector(`[id="${CSS.escape(place)}"], [href="${CSS.escape(place)}"]`)?.focus({ preventScroll: true });
  }
}

async function look() {
  if (document.visibilityState === "visible") {
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" }, cache: "no-store" });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* The next look may succeed: what is shown says of when it is. */ }
  }
  setTimeout(look, EVERY);
}

if (moving) setTimeout(look, EVERY);
