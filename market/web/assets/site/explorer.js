// Loads Swagger UI when it is asked for: a large program by others that most readers of the page do not need.
const button = document.getElementById("load")

function loadScript(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script")
    Object.assign(script, { src: address, onload: done, onerror: failed })
    document.head.append(script)
  })
}

button.addEventListener("click", async () => {
  button.disabled = true
  const style = document.createElement("link")
  Object.assign(style, { rel: "stylesheet", href: button.dataset.style })
  document.head.append(style)
  await loadScript(button.dataset.script)
  window.SwaggerUIBundle({ url: button.dataset.document, dom_id: "#swagger", deepLinking: true, validatorUrl: null })
  button.parentElement.remove()
})
