// The phones as a person sees them: what is there is asked for again every second, and drawn anew when it has changed.

const at = (id) => document.getElementById(id);
const HISTORY = 300;
const EVERY = 1000;
const here = { phones: [], phone: null, chat: null, messages: [], chats: [], groups: [], names: new Map(), typing: new Map(), events: null, quote: null, edit: null, told: 0 };

/** Asks the control API; its errors are sentences. */
async function ask(path, method = "GET", body = undefined) {
  const answer = await fetch(path, { method, body: body && JSON.stringify(body), headers: body ? { "content-type": "application/json" } : {} });
  const json = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(json.message ?? `${method} ${path}: ${answer.status}`), { status: answer.status, code: json.error });
  return json;
}
const ofPhone = (rest = "", phone = here.phone) => `/phones/${encodeURIComponent(phone)}${rest}`;

let hiding;
function trouble(text) {
  at("trouble").textContent = text;
  at("trouble").hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (at("trouble").hidden = true), 6000);
}
/** Does what a person asked for, and says when it can't be done. */
async function act(work) {
  try {
    await work();
    await look();
  } catch (error) {
    trouble(error.message);
  }
}

/** Draws into an element only when `facts` are not the ones drawn last. */
const drawn = new Map();
function draw(id, facts, build) {
  const key = JSON.stringify(facts);
  if (drawn.get(id) === key) return false;
  drawn.set(id, key);
  at(id).replaceChildren(...[build()].flat().filter(Boolean));
  return true;
}

const nameOf = (chat) => here.names.get(chat) ?? chat;
const isGroup = (chat) => !chat.startsWith("+");
const pictureOf = (phone) => phone?.picture && `${ofPhone("/picture", phone.phone)}?${encodeURIComponent(phone.picture)}`;

/** Messages with their edits, deletions and reactions put where they belong. */
function arranged(messages) {
  const known = new Map();
  const shown = [];
  for (const original of messages) {
    const target = original.target && known.get(original.target);
    if (original.kind === "reaction") {
      target?.reactions.delete(original.from);
      if (target && original.text) target.reactions.set(original.from, original.text);
    } else if (original.kind === "edit" && target) {
      Object.assign(target, { text: original.text, edited: true });
    } else if (original.kind === "revoke" && target) {
      target.gone = true;
    } else if (!/^(poll_update|event_response|enc_|pin_in_chat|keep_in_chat)/.test(original.kind)) {
      const reactions = new Map((original.reactions ?? []).map(({ from, emoji }) => [from, emoji]));
      const message = { ...original, reactions, gone: original.revoked };
      known.set(message.id, message);
      shown.push(message);
    }
  }
  return { shown, known };
}

/** The chats, newest first, as the phone lists them or as its messages tell. */
function chatsOf(shown) {
  const chats = new Map(here.chats.map((chat) => [chat.chat, { ...chat, last: null }]));
  for (const message of shown) {
    const chat = chats.get(message.chat) ?? { chat: message.chat, unread: 0, counted: true };
    if (chat.counted && !message.read && !message.fromMe) chat.unread += 1;
    chats.set(message.chat, { ...chat, last: message });
  }
  const when = (chat) => chat.last?.timestamp ?? chat.lastMessage?.timestamp ?? 0;
  return [...chats.values()].sort((a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false) || when(b) - when(a));
}

function row({ current, title, last, when, marks, off, picture, choose }) {
  const button = el("button", { class: "row", type: "button", onclick: choose },
    face(title, picture), el("span", { class: "name" }, title), el("span", { class: "when" }, when ?? ""), el("span", { class: "last" }, last), el("span", { class: "marks" }, marks));
  if (current) button.setAttribute("aria-current", "true");
  return el("li", { class: off ? "off" : "" }, button);
}

function drawPhones() {
  const wanted = at("find-phone").value.trim().toLowerCase();
  const found = here.phones.filter((phone) => `${phone.name} ${phone.phone}`.toLowerCase().includes(wanted));
  const facts = found.slice(0, 500).map(({ phone, name, online, devices, picture }) => [phone, name, online, devices.length, devices.filter((device) => device.online).length, picture, phone === here.phone]);
  draw("phones", facts, () => found.slice(0, 500).map((phone) => row({
    current: phone.phone === here.phone, title: phone.name, last: phone.phone, off: !phone.online, picture: pictureOf(phone),
    marks: phone.devices.length ? `🔗 ${phone.devices.filter((device) => device.online).length}/${phone.devices.length}` : "",
    choose: () => go(phone.phone, null),
  })));
}

function drawOwner(phone) {
  draw("owner", phone && [phone.name, phone.phone, phone.online, phone.devices.length, phone.picture], () => phone ? [
    el("button", { class: "back", title: "All phones", onclick: () => go(null, null) }, "‹"),
    face(phone.name, pictureOf(phone)),
    el("h2", {}, phone.name, el("small", {}, `${phone.phone} · ${phone.online ? "switched on" : "switched off"}`)),
    el("button", { title: "Linked devices", onclick: linkedDevices }, phone.devices.length ? `Linked ${phone.devices.length}` : "Link"),
    el("button", { title: phone.online ? "Switch off" : "Switch on", onclick: () => act(() => ask(ofPhone(phone.online ? "/offline" : "/online"), "POST")) }, phone.online ? "Off" : "On"),
    el("button", { title: "Write to somebody", onclick: newChat }, "New"),
  ] : el("h2", {}, "Chats"));
}

function drawChats(chats) {
  const facts = chats.map((chat) => [chat.chat, nameOf(chat.chat), chat.name, chat.last && [chat.last.seq, summary(chat.last), chat.last.status], chat.unread, chat.pinned, chat.archived, chat.mutedUntil, here.typing.get(chat.chat), chat.chat === here.chat]);
  draw("chats", facts, () => chats.length ? chats.map((chat) => row({
    current: chat.chat === here.chat, title: chat.name ?? nameOf(chat.chat), picture: pictureOf(here.phones.find((phone) => phone.phone === chat.chat)),
    last: here.typing.get(chat.chat) ?? (chat.last ? `${chat.last.fromMe ? "You: " : isGroup(chat.chat) ? `${nameOf(chat.last.from)}: ` : ""}${summary(chat.last)}` : ""),
    when: chat.last && whenOf(chat.last.timestamp),
    marks: [chat.pinned && "📌", chat.mutedUntil && "🔕", chat.archived && "🗄", chat.unread > 0 && el("span", { class: "count" }, String(chat.unread))].filter(Boolean),
    choose: () => go(here.phone, chat.chat),
  })) : el("li", { class: "empty" }, here.phone ? "No conversations yet." : "Choose a phone."));
}

const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const tell = (message) => ask(ofPhone("/messages"), "POST", { to: here.chat, message });
function actsFor(message) {
  if (message.gone) return [];
  const acts = [
    ["☺", "React", (it) => choose("React", REACTIONS.concat("Take back"), (chosen) => act(() => tell({ reaction: { id: it.id, emoji: chosen === "Take back" ? "" : chosen } })))],
    ["↩", "Answer", (it) => compose({ quote: it })],
  ];
  if (message.fromMe && message.kind === "text") acts.push(["Edit", "Edit", (it) => compose({ edit: it })]);
  if (message.fromMe) acts.push(["🗑", "Delete for everyone", (it) => act(() => tell({ revoke: { id: it.id } }))]);
  return acts;
}

function drawConversation(shown, known, chats) {
  const chat = chats.find((chat) => chat.chat === here.chat);
  const said = shown.filter((message) => message.chat === here.chat);
  const name = chat?.name ?? (here.chat && nameOf(here.chat));
  const unread = said.filter((message) => !message.fromMe && !message.read).length;
  const group = here.groups.find((group) => group.id === here.chat);
  const about = group ? `${group.size} members · ${group.id}` : here.chat;
  draw("with", [here.phone, here.chat, name, about, unread, here.typing.get(here.chat)], () => here.chat ? [
    el("button", { class: "back", title: "All chats", onclick: () => go(here.phone, null) }, "‹"),
    face(name, pictureOf(here.phones.find((phone) => phone.phone === here.chat))),
    el("h2", {}, name, el("small", {}, here.typing.get(here.chat) ?? about)),
    unread > 0 && el("button", { onclick: () => act(() => ask(ofPhone("/read"), "POST", { chat: here.chat })) }, `Mark ${unread} as read`),
  ] : el("h2", {}, ""));
  const box = at("bubbles");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const facts = said.map((message) => [message.seq, message.text, message.status, message.copies, message.edited, message.gone, [...message.reactions], message.poll, nameOf(message.from)]);
  const changed = draw("bubbles", [here.phone, here.chat, facts], () => {
    if (!here.chat) return el("p", { class: "empty" }, here.phone ? "Choose a conversation, or write to somebody with New." : "These are the phones of the sandbox. Choose one to see what its owner sees, to write as its owner, and to link a companion to it.");
    if (!said.length) return el("p", { class: "empty" }, "Nothing has been said here yet.");
    let before = null;
    return said.flatMap((message) => {
      const date = dayOf(message.timestamp);
      const newDay = before === null || dayOf(before.timestamp) !== date;
      const turn = newDay || before.from !== message.from;
      before = message;
      const reactions = [...message.reactions].map(([from, text]) => ({ from, text }));
      return [newDay && el("div", { class: "day" }, date),
        bubble(message, { phone: here.phone, nameOf, group: isGroup(here.chat), turn, reactions, quoted: message.target && known.get(message.target), acts: actsFor(message) })];
    });
  });
  if (changed && (atEnd || here.fresh)) box.scrollTop = box.scrollHeight;
  if (changed) here.fresh = false;
  at("composer").hidden = !here.chat;
}

function redraw() {
  here.names = new Map([...here.phones.map(({ phone, name }) => [phone, name]), ...here.groups.map(({ id, subject }) => [id, subject]), ["status@broadcast", "Status updates"]]);
  const { shown, known } = arranged(here.messages);
  const chats = chatsOf(shown);
  if (here.chat && !chats.some((chat) => chat.chat === here.chat)) chats.unshift({ chat: here.chat, unread: 0 });
  document.body.dataset.at = here.chat ? "conversation" : here.phone ? "chats" : "phones";
  drawPhones();
  drawOwner(here.phones.find((phone) => phone.phone === here.phone));
  drawChats(chats);
  drawConversation(shown, known, chats);
}

async function listenIn() {
  const { events, last } = await ask(ofPhone(`/events?limit=1000&after=${here.events ?? 0}`));
  const old = here.events === null;
  here.events = last;
  for (const event of old ? [] : events.filter((event) => event.kind === "typing")) {
    const chat = event.chat ?? event.from;
    if (event.state === "paused") here.typing.delete(chat);
    else here.typing.set(chat, `${event.chat ? `${nameOf(event.from)}: ` : ""}${event.state === "recording" ? "recording…" : "typing…"}`);
  }
}

let looking = null;
/** Asks for everything that is on the page. */
function look() {
  looking ??= (async () => {
    try {
      here.phones = (await ask("/phones")).phones;
      const phone = here.phones.find((phone) => phone.phone === here.phone);
      if (phone) {
        const asked = here.phone;
        const after = Math.max(0, phone.messages - HISTORY);
        const [{ messages }, { chats }, { groups }] = await Promise.all([
          ask(ofPhone(`/messages?limit=1000&after=${after}`)),
          ask(ofPhone("/chats")).catch(() => ({ chats: [] })),
          ask(ofPhone("/groups")),
        ]);
        await listenIn();
        if (asked === here.phone) Object.assign(here, { messages, chats, groups });
      }
      redraw();
    } finally {
      looking = null;
    }
  })();
  return looking;
}

/** Shows a phone and one of its chats. */
function go(phone, chat) {
  if (phone !== here.phone) Object.assign(here, { messages: [], chats: [], groups: [], events: null });
  here.typing.clear();
  Object.assign(here, { phone, chat, fresh: true });
  compose({});
  history.replaceState(null, "", `#${[phone, chat].filter(Boolean).map(encodeURIComponent).join("/")}`);
  act(async () => {});
}

function compose({ quote = null, edit = null }) {
  Object.assign(here, { quote, edit });
  at("replying").hidden = !quote && !edit;
  at("replying").textContent = quote ? `Answer to: ${summary(quote)}  ✕` : edit ? "Editing  ✕" : "";
  if (edit) at("text").value = edit.text ?? "";
  at("text").focus();
}

/** A dialog with fields; resolves with their values, or null. */
function dialog(title, explanation, fields, confirm, extra = []) {
  const inputs = fields.map(({ label, ...field }) => {
    const input = el(field.rows ? "textarea" : "input", { ...field, required: field.required ?? true });
    return { input, row: el("label", {}, label, input) };
  });
  const close = el("button", { type: "button", onclick: () => at("dialog").close("") }, "Close");
  at("dialog-form").replaceChildren(el("h2", {}, title), el("p", {}, explanation), ...extra, ...inputs.map(({ row }) => row),
    el("menu", {}, close, confirm ? el("button", { class: "main", value: "yes" }, confirm) : ""));
  at("dialog").returnValue = "";
  at("dialog").showModal();
  return new Promise((done) => {
    at("dialog").onclose = () => done(at("dialog").returnValue === "yes" ? inputs.map(({ input }) => input.value.trim()) : null);
  });
}

function choose(title, options, chosen) {
  const buttons = options.map((option) => el("button", { type: "button", onclick: () => { at("dialog").close(""); chosen(option); } }, option));
  dialog(title, "", [], null, [el("div", {}, buttons)]);
}

async function linkedDevices() {
  const phone = here.phones.find((phone) => phone.phone === here.phone);
  const devices = phone.devices.map((device) => el("div", { class: "device" },
    el("span", {}, `${device.online ? "🟢" : "⚪"} ${device.id}: ${device.platform} on ${device.os || "?"}`),
    el("button", { type: "button", onclick: () => { at("dialog").close(""); act(() => ask(ofPhone(`/devices/${device.id}`), "DELETE")); } }, "Log out")));
  const answer = await dialog("Linked devices", "Type the code that a companion shows, or paste what its QR says.", [
    { label: "Code", placeholder: "ABCD-EFGH", required: false, maxLength: 20 },
    { label: "QR", placeholder: "2@…", rows: 4, required: false },
  ], "Link", devices);
  const [code, qr] = answer ?? [];
  if (code) await act(() => ask(ofPhone("/link"), "POST", { code }));
  else if (qr) await act(() => ask(ofPhone("/scan"), "POST", { qr }));
}

async function newPhone() {
  const answer = await dialog("New phone", "A number that nobody has, and the name its owner goes by.", [
    { label: "Number", placeholder: "+16001234562", type: "tel" }, { label: "Name", placeholder: "Dora" }], "Make it");
  if (answer) await act(async () => { const made = await ask("/phones", "POST", { phone: answer[0], name: answer[1] }); go(made.phone, null); });
}

async function newChat() {
  const answer = await dialog("Write to", "A number; a phone that does not exist is made.", [{ label: "Number", placeholder: "+16001234561", type: "tel" }], "Write");
  if (answer) go(here.phone, `+${answer[0].replace(/\D/g, "")}`);
}

at("composer").onsubmit = (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text) return;
  const { quote, edit } = here;
  at("text").value = "";
  compose({});
  here.told = 0;
  here.fresh = true;
  if (edit) act(() => tell({ edit: { id: edit.id, text } }));
  else if (quote) act(() => tell({ quote: { id: quote.id, text } }));
  else act(() => ask(ofPhone("/messages"), "POST", { to: here.chat, text }));
};
at("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("composer").requestSubmit();
  }
};
at("text").oninput = () => {
  if (Date.now() - here.told < 8000 || !here.chat) return;
  here.told = Date.now();
  ask(ofPhone("/typing"), "POST", { to: here.chat, state: "composing" }).catch(() => {});
};
at("replying").onclick = () => compose({});
at("new-phone").onclick = newPhone;
at("find-phone").oninput = redraw;

const [phone, chat] = location.hash.slice(1).split("/").map(decodeURIComponent);
if (phone) go(phone, chat || null);
ask("/").then((sandbox) => {
  at("sandbox").replaceChildren(el("div", {}, sandbox.socketUrl), el("div", {}, `seed ${sandbox.seed} · version ${sandbox.version}`));
}, (error) => trouble(error.message));
async function keepLooking() {
  if (!document.hidden) await look().catch((error) => trouble(error.message === "Failed to fetch" ? "The sandbox does not answer; is it still running?" : error.message));
  setTimeout(keepLooking, EVERY);
}
keepLooking();
