// What a browser alone can do: ask the device for a passkey and put its answer into the form. Without this, the form
// stays hidden and everybody signs in as before.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0))
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")

const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }))

function readable(asked) {
  const options = { ...asked, challenge: bytes(asked.challenge) }
  if (asked.user) options.user = { ...asked.user, id: bytes(asked.user.id) }
  if (asked.excludeCredentials) options.excludeCredentials = described(asked.excludeCredentials)
  if (asked.allowCredentials) options.allowCredentials = described(asked.allowCredentials)
  return options
}

function sendable(credential) {
  const response = {}
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name])
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response })
}

async function asked(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options)
  const body = new URLSearchParams({ form_token: form.elements.form_token.value })
  const answer = await fetch(form.dataset.ask, { method: "POST", body })
  const told = await answer.json()
  if (!answer.ok) throw new Error(told.title)
  return told
}

const sentence = (form, name) => form.querySelector(`template[data-${name}]`).content.textContent
const BY_THE_DEVICE = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" }

let asking = false // a browser speaks with one device at a time

async function answer(event) {
  event.preventDefault()
  const form = event.currentTarget
  if (asking) return
  asking = true
  const said = form.querySelector("[data-said]")
  said.textContent = ""
  try {
    const publicKey = readable(await asked(form))
    const devices = navigator.credentials
    const made = form.dataset.passkey === "create" ? devices.create({ publicKey }) : devices.get({ publicKey })
    form.elements.answer.value = sendable(await made)
    form.submit()
  } catch (error) {
    const known = BY_THE_DEVICE[error.name]
    said.textContent = known ? sentence(form, known) : error.message
    asking = false
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false
    form.addEventListener("submit", answer)
  }
}

addEventListener("pageshow", () => (asking = false))
