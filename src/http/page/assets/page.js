"use strict";
// The page does without this: it only takes the link along with one tap.
const field = document.querySelector("#link");
const button = document.querySelector("#copy");
const said = document.querySelector("#said");
if (field && button) {
  const label = button.textContent;
  let timer = 0;
  const byHand = () => {
    field.focus();
    field.setSelectionRange(0, field.value.length);
    return document.execCommand("copy");
  };
  button.addEventListener("click", async () => {
    let done = false;
    try {
      await navigator.clipboard.writeText(field.value);
      done = true;
    } catch {
      // Not allowed, or an old browser: then as people did before.
      done = byHand();
    }
    if (!done) return;
    button.textContent = button.dataset.done;
    said.textContent = button.dataset.done;
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = label;
      said.textContent = "";
    }, 2500);
  });
  field.addEventListener("focus", () => field.setSelectionRange(0, field.value.length));
}
document.body.dataset.live = "true";
