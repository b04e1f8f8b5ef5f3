// The library's own behaviour: menus that fold on a phone, buttons that are pressed once, the summary of faults focused.
import { initAll } from "asset:govuk.js"

document.body.classList.add("js-enabled", "govuk-frontend-supported")
initAll()
document.body.addEventListener("htmx:afterSwap", (event) => initAll({ scope: event.detail.elt }))
