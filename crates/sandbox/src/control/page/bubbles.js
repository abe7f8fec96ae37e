// How a message looks. Everything is built of nodes and text, never of markup.

/** An element; `fields` are properties, `class` and `data`; absent children are left out. */
function el(tag, fields = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(fields)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("aria-")) element.setAttribute(name, value);
    else if (value !== undefined) element[name] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const COLOURS = ["#0b7a63", "#8a4b9e", "#b0542b", "#2f6fb3", "#9a3b57", "#5d7a1f", "#4a57a8", "#a0741a"];
const colourOf = (text) => COLOURS[[...text].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) >>> 0, 7) % COLOURS.length];

/** A round picture, or the first letters of a name. */
function face(name, picture) {
  const letters = name.replace(/[^\p{L}\p{N} ]/gu, "").trim().split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("");
  const circle = el("span", { class: "face", "aria-hidden": "true" }, letters.toUpperCase() || "?");
  circle.style.background = colourOf(name);
  if (picture) circle.append(el("img", { src: picture, alt: "", onerror: (event) => event.target.remove() }));
  return circle;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const timeOf = (seconds) => clock.format(new Date(seconds * 1000));
const shortDay = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const dayOf = (seconds) => day.format(new Date(seconds * 1000));
/** When something was last said: the time of today, the day of what is older. */
const whenOf = (seconds) => (dayOf(seconds) === day.format(new Date()) ? timeOf(seconds) : shortDay.format(new Date(seconds * 1000)));

const SIGNS = { image: "📷 Photo", video: "🎬 Video", audio: "🎤 Audio", document: "📄 Document", sticker: "🖼 Sticker", location: "📍 Location",
  live_location: "📍 Live location", contact: "👤 Contact", contacts_array: "👥 Contacts", poll_creation: "📊 Poll", event: "📅 Event", revoke: "🚫 Deleted", call: "📞 Call" };

/** One line about a message, for lists and quotations. */
function summary(message) {
  if (message.gone) return "🚫 Deleted";
  if (message.poll) return `📊 ${message.poll.name ?? ""}`;
  if (message.location) return `📍 ${message.location.name ?? "Location"}`;
  if (message.contacts) return `👤 ${message.contacts[0]?.displayName ?? "Contact"}`;
  if (message.media?.fileName) return `📄 ${message.media.fileName}`;
  const kind = message.kind.replace(/^view_once_/, "");
  const sign = SIGNS[kind];
  if (kind === "text" || kind === "edit") return message.text ?? "";
  if (kind === "reaction") return message.text ? `Reacted ${message.text}` : "Took a reaction back";
  return sign ? (message.text ? `${sign} · ${message.text}` : sign) : `[${kind}] ${message.text ?? ""}`;
}

function ticks(message) {
  const shown = { failed: "⚠", sent: "✓", delivered: "✓✓", read: "✓✓", played: "✓✓" }[message.status];
  const seen = message.status === "read" || message.status === "played";
  return shown && el("span", { class: message.status === "failed" ? "ticks failed" : seen ? "ticks read" : "ticks", title: message.status }, shown);
}

/** The file of a message as one sees it; a picture that can't be had is its preview, and else a word. */
function file(message, phone) {
  const { kind, thumbnail, fileName, mime, bytes, seconds, pages, state, error } = message.media;
  const path = `/phones/${encodeURIComponent(phone)}/messages/${encodeURIComponent(message.id)}/media`;
  const small = thumbnail && `data:image/jpeg;base64,${thumbnail}`;
  const word = SIGNS[kind] ?? SIGNS[message.kind.replace(/^view_once_/, "")] ?? `📎 ${kind}`;
  if (/^(image|sticker)/.test(mime ?? kind)) {
    const image = el("img", { class: `picture ${kind}`, alt: message.text || word, loading: "lazy", src: path });
    image.onerror = () => {
      image.onerror = null;
      if (small && image.src !== small) image.src = small;
      else image.replaceWith(el("div", { class: "card" }, word));
    };
    return image;
  }
  const facts = [mime, bytes && size(bytes), seconds && `${seconds} s`, pages && (pages === 1 ? "1 page" : `${pages} pages`), state === "failed" && error].filter(Boolean);
  const link = el("a", { href: path, target: "_blank", rel: "noreferrer" }, fileName ? `📄 ${fileName}` : word);
  return [small && el("img", { class: "picture", alt: "", src: small }), el("div", { class: "card" }, el("b", {}, link), facts.join(" · "))];
}

function poll({ name, options }) {
  const most = Math.max(1, ...options.map(({ votes }) => votes));
  return [el("div", { class: "poll" }, `📊 ${name ?? ""}`), options.map(({ name, votes }) =>
    el("div", { class: "option" }, el("span", {}, name), el("span", {}, String(votes)), el("meter", { min: 0, max: most, value: votes })))];
}

function place({ latitude, longitude, name, address, live }) {
  return el("div", { class: "card" }, el("b", {}, `📍 ${name ?? (live ? "Live location" : "Location")}`), address ?? `${latitude}, ${longitude}`);
}

function event({ name, description, startTime, location }) {
  const when = startTime && `${dayOf(startTime)}, ${timeOf(startTime)}`;
  return el("div", { class: "card" }, el("b", {}, `📅 ${name ?? ""}`), [when, location?.name, description].filter(Boolean).join(" · "));
}

function menu({ buttons, list, footer }) {
  const choices = buttons?.map(({ text }) => text) ?? list?.sections.flatMap(({ rows }) => rows.map(({ title }) => title)) ?? [];
  return choices.length > 0 && [el("div", { class: "card" }, choices.map((choice) => el("div", {}, `◻ ${choice ?? ""}`))), footer && el("small", {}, footer)];
}

const size = (bytes) => (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1000))} kB`);

/** What is inside a bubble. */
function inside(message, phone) {
  if (message.gone) return [el("div", { class: "said gone" }, "🚫 This message was deleted")];
  const said = message.text && el("div", { class: "said" }, message.text);
  const labels = [message.viewOnce && "① view once", message.ephemeral && "⏱ disappears", message.forwarded && "↪ forwarded"]
    .filter(Boolean).map((label) => el("span", { class: "label" }, label));
  if (message.poll) return [labels, poll(message.poll)];
  if (message.event) return [labels, event(message.event)];
  if (message.location) return [labels, place(message.location)];
  if (message.contacts) return [labels, message.contacts.map(({ displayName }) => el("div", { class: "card" }, el("b", {}, `👤 ${displayName ?? ""}`)))];
  if (message.media) return [labels, file(message, phone), message.media.caption && el("div", { class: "said" }, message.media.caption)];
  if (message.product) return [labels, el("div", { class: "card" }, el("b", {}, `🛍 ${message.product.title ?? ""}`), message.product.description ?? "")];
  if (message.order) return [labels, el("div", { class: "card" }, el("b", {}, `🧾 ${message.order.title ?? "Order"}`), `${message.order.items ?? "?"} items`)];
  const menued = menu(message);
  if (message.kind === "text" || menued) return [labels, said, menued];
  return [labels, el("span", { class: "label" }, message.kind.replaceAll("_", " ")), said];
}

/** A whole bubble; `acts` are what can be done with it. */
function bubble(message, { phone, nameOf, group, turn, reactions, quoted, acts }) {
  const classes = ["bubble", message.fromMe && "mine", turn && "turn", reactions.length > 0 && "reacted"];
  const tools = acts.map(([sign, title, act]) => el("button", { type: "button", title, onclick: () => act(message) }, sign));
  const who = group && !message.fromMe && turn && el("div", { class: "who" }, nameOf(message.from));
  if (who) who.style.color = colourOf(message.from);
  return el("article", { class: classes.filter(Boolean).join(" "), id: `message-${message.seq}` },
    who,
    quoted && !message.gone && el("div", { class: "quoted" }, el("b", {}, nameOf(quoted.from)), ` ${summary(quoted)}`),
    inside(message, phone),
    el("span", { class: "meta", title: `${message.id} · device ${message.fromDevice}` },
      message.edited && "edited ", message.copies > 1 && `×${message.copies} `, timeOf(message.timestamp), message.fromMe && ticks(message)),
    reactions.length > 0 && el("span", { class: "reactions", title: reactions.map(({ from, text }) => `${nameOf(from)} ${text}`).join("\n") },
      [...new Set(reactions.map(({ text }) => text))].join(""), reactions.length > 1 ? ` ${reactions.length}` : ""),
    tools.length > 0 && el("div", { class: "tools" }, tools));
}
