// Reads /v1/openapi.json and shows every operation, to be read and tried.
// Everything from outside is set as text, never as markup; the key stays in memory.
"use strict";

const VERBS = ["get", "post", "put", "patch", "delete"];
const state = { document: null, key: "" };

/** An element with attributes, listeners and children; strings become text. */
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text with `code` in it. */
function prose(text) {
  return String(text || "").split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part));
}

function resolve(node) {
  for (let hops = 0; node && node.$ref && hops < 20; hops += 1) {
    const path = node.$ref.replace(/^#\//, "").split("/");
    const about = node.description;
    node = path.reduce((at, key) => (at || {})[key.replace(/~1/g, "/").replace(/~0/g, "~")], state.document);
    if (about && node) node = { ...node, description: about };
  }
  return node || {};
}

/** The schema without "or null", and joined ones as one. */
function plain(schema) {
  const whole = resolve(schema);
  if (whole.allOf) {
    const parts = whole.allOf.map(plain);
    const required = parts.flatMap((part) => part.required || []);
    return Object.assign({}, ...parts, { properties: Object.assign({}, ...parts.map((part) => part.properties)), required, description: whole.description });
  }
  const alternatives = whole.oneOf || whole.anyOf;
  if (!alternatives) return whole;
  const chosen = plain(alternatives.find((one) => resolve(one).type !== "null") || {});
  return { ...chosen, description: whole.description || chosen.description };
}

function typeOf(schema) {
  const types = [].concat(schema.type || []).filter((type) => type !== "null");
  return types[0] || (schema.properties ? "object" : "any");
}

function kindOf(schema) {
  const type = typeOf(schema);
  if (type === "array") return `${kindOf(plain(schema.items || {}))}[]`;
  if (type === "integer") return "whole number";
  return schema.format === "date-time" ? "date" : type;
}

function limitsOf(schema) {
  const told = [];
  const range = (low, high, unit) => {
    if (low !== undefined && high !== undefined) told.push(`${low}–${high}${unit}`);
    else if (low !== undefined) told.push(`at least ${low}${unit}`);
    else if (high !== undefined) told.push(`at most ${high}${unit}`);
  };
  range(schema.minimum, schema.maximum, "");
  range(schema.minLength, schema.maxLength, " characters");
  range(schema.minItems, schema.maxItems, " items");
  if (schema.default !== undefined) told.push(`default ${JSON.stringify(schema.default)}`);
  return told.join(", ");
}

/** What a schema stands for, where it brings no example. */
function example(schema, depth = 0) {
  const known = plain(schema);
  if (known.example !== undefined) return known.example;
  if (known.enum) return known.enum.find((word) => word !== "") ?? "";
  if (depth > 4) return null;
  switch (typeOf(known)) {
    case "object": {
      const made = {};
      for (const name of known.required || []) made[name] = example((known.properties || {})[name] || {}, depth + 1);
      return made;
    }
    case "array": return [example(known.items || {}, depth + 1)];
    case "string": return known.format === "date-time" ? "2026-01-31T09:30:00Z" : "";
    case "integer": case "number": return known.minimum ?? 0;
    case "boolean": return false;
    default: return null;
  }
}

/** JSON with colours, as text nodes. */
function coloured(text) {
  const parts = [];
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let last = 0;
  for (const match of text.matchAll(token)) {
    parts.push(text.slice(last, match.index));
    const kind = match[1] ? (match[2] ? "k" : "s") : /^[tfn]/.test(match[0]) ? "w" : "n";
    parts.push(h("span", { class: kind }, match[1] || match[0]), match[2] || "");
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

function box(text, json) {
  const pre = h("pre", { tabindex: "0" }, json ? coloured(text) : text);
  const copy = h("button", { type: "button", class: "quiet" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre);
      copy.textContent = "Selected";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
  return { element: h("div", { class: "box" }, pre, copy), set: (value) => { pre.textContent = value; } };
}

/** What an object is made of, nested. */
function properties(schema, depth = 0) {
  const whole = plain(schema);
  const inner = typeOf(whole) === "array" ? plain(whole.items || {}) : whole;
  const names = Object.entries(inner.properties || {});
  if (!names.length || depth > 4) return null;
  const required = new Set(inner.required || []);
  names.sort(([a], [b]) => required.has(b) - required.has(a));
  return h("ul", { class: "properties" }, names.map(([name, raw]) => {
    const known = plain(raw);
    const about = raw.description || known.description;
    const words = known.enum || (plain(known.items || {}).enum);
    const limits = limitsOf(known);
    return h("li", { class: "property" },
      h("code", {}, name),
      h("span", { class: "kind" }, kindOf(known), limits ? `, ${limits}` : "", required.has(name) ? h("span", { class: "must" }, " required") : null),
      about ? h("p", {}, prose(about)) : null,
      words ? h("div", { class: "words" }, words.flatMap((word) => [h("code", {}, word === "" ? '""' : String(word)), " "])) : null,
      properties(known, depth + 1));
  }));
}

/** A field for one parameter: its row and how to read it. */
function parameterField(operationId, parameter) {
  const schema = plain(parameter.schema);
  const id = `${operationId}-${parameter.name}`;
  const items = plain(schema.items || {});
  const name = [parameter.name, h("span", { class: "kind" }, parameter.in === "header" ? "header, " : "", kindOf(schema),
    parameter.required ? h("span", { class: "must" }, " required") : null)];
  let control;
  let read;
  if (typeOf(schema) === "array" && items.enum) {
    const boxes = items.enum.map((word) => h("input", { type: "checkbox", value: word }));
    control = h("fieldset", { class: "choices" }, h("legend", { class: "hidden" }, parameter.name),
      boxes.map((check) => h("label", {}, check, check.value)));
    read = () => boxes.filter((check) => check.checked).map((check) => check.value).join(",");
  } else {
    const words = schema.enum || (typeOf(schema) === "boolean" ? ["true", "false"] : null);
    if (words) {
      control = h("select", { id }, h("option", { value: "" }, "–"), words.filter((word) => word !== "").map((word) => h("option", { value: word }, String(word))));
    } else {
      const number = ["integer", "number"].includes(typeOf(schema));
      const hint = schema.example ?? schema.default ?? parameter.example ?? (typeOf(schema) === "array" ? "a,b" : schema.format === "date-time" ? "2026-01-31T09:30:00Z" : "");
      control = h("input", { id, type: number ? "number" : "text", min: schema.minimum, max: schema.maximum, placeholder: String(hint), autocomplete: "off", spellcheck: "false" });
    }
    read = () => control.value.trim();
  }
  const limits = limitsOf(schema);
  const label = control.tagName === "FIELDSET" ? h("div", { class: "label" }, name) : h("label", { for: id }, name);
  const row = h("div", { class: "parameter" }, label, h("div", {}, control,
    h("p", { class: "note" }, prose(parameter.description), limits ? ` (${limits})` : "")));
  return { row, parameter, read };
}

/** What the form says right now. */
function request(operation, fields, editor) {
  let path = operation.path;
  const query = [];
  const headers = {};
  const missing = [];
  for (const { parameter, read } of fields) {
    const value = read();
    if (parameter.in === "path") {
      if (!value) missing.push(parameter.name);
      path = path.replace(`{${parameter.name}}`, value ? encodeURIComponent(value) : `{${parameter.name}}`);
    } else if (value !== "") {
      if (parameter.in === "header") headers[parameter.name] = value;
      else query.push(`${encodeURIComponent(parameter.name)}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":")}`);
    }
  }
  const body = editor && editor.value.trim() ? editor.value : undefined;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return { url: path + (query.length ? `?${query.join("&")}` : ""), headers, body, missing };
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(operation, asked) {
  const verb = operation.verb.toUpperCase();
  const lines = [`curl${verb === "GET" ? "" : ` -X ${verb}`} ${quoted(location.origin + asked.url)}`];
  if (operation.keyed) lines.push('-H "Token: $KEY"');
  for (const [name, value] of Object.entries(asked.headers)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (asked.body !== undefined) lines.push(`-d ${quoted(asked.body)}`);
  return lines.join(" \\\n  ");
}

async function follow(response, pre, running) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  running.signal.addEventListener("abort", () => reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    pre.append(value);
    pre.scrollTop = pre.scrollHeight;
  }
}

async function send(operation, asked, answer, button) {
  const started = performance.now();
  const running = new AbortController();
  const stop = h("button", { type: "button", class: "quiet", onclick: () => running.abort() }, "Stop");
  button.disabled = true;
  answer.replaceChildren(h("div", { class: "status" }, "Waiting… ", stop));
  try {
    const headers = { ...asked.headers };
    if (operation.keyed && state.key) headers.Token = state.key;
    const options = { method: operation.verb.toUpperCase(), headers, body: asked.body, signal: running.signal, cache: "no-store", credentials: "omit" };
    const response = await fetch(asked.url, options);
    const status = h("div", { class: response.ok ? "status" : "status bad" }, h("b", {}, `${response.status} ${response.statusText}`),
      h("span", {}, `${Math.round(performance.now() - started)} ms`));
    for (const name of ["x-total-count", "retry-after", "location", "x-request-id"]) {
      if (response.headers.get(name)) status.append(h("span", {}, `${name}: ${response.headers.get(name)}`));
    }
    const kind = response.headers.get("content-type") || "";
    if (kind.startsWith("text/event-stream")) {
      const pre = h("pre", { tabindex: "0" });
      status.append(stop);
      answer.replaceChildren(status, h("div", { class: "box" }, pre));
      await follow(response, pre, running);
    } else if (kind.startsWith("image/")) {
      const image = h("img", { alt: "The answer is an image", src: URL.createObjectURL(await response.blob()) });
      answer.replaceChildren(status, image);
    } else {
      const text = await response.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
      answer.replaceChildren(status, box(shown || "(empty)", kind.includes("json")).element);
    }
  } catch (error) {
    const told = running.signal.aborted ? "Stopped." : `The server did not answer: ${error.message}`;
    answer.append(h("p", { class: "problem" }, told));
  } finally {
    button.disabled = false;
    stop.remove();
  }
}

/** Examples of what can come back. */
function responses(operation) {
  const shown = h("div", {});
  const all = Object.entries(operation.responses || {});
  const buttons = all.map(([status]) => h("button", { type: "button", "aria-pressed": "false" }, status));
  const show = (index) => {
    const response = resolve(all[index][1]);
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === index)));
    const contents = Object.entries(response.content || {});
    const json = contents.find(([kind]) => kind.includes("json"));
    const schema = json && json[1].schema;
    const sample = json ? json[1].example ?? plain(schema).example : contents[0] && contents[0][1].example;
    const kinds = contents.map(([kind]) => kind).join(", ");
    const parts = schema && properties(schema);
    shown.replaceChildren(h("p", { class: "note" }, prose(response.description), kinds ? h("span", {}, " ", h("code", {}, kinds)) : null),
      sample === undefined ? "" : box(typeof sample === "string" ? sample : JSON.stringify(sample, null, 2), typeof sample !== "string").element,
      parts ? h("details", { class: "more" }, h("summary", {}, "What each property says"), parts) : "");
  };
  buttons.forEach((button, index) => button.addEventListener("click", () => show(index)));
  if (all.length) show(0);
  return h("div", {}, h("div", { class: "tabs" }, buttons), shown);
}

/** The inside of an operation, made when it is first opened. */
function inside(operation) {
  const fields = (operation.parameters || []).map((raw) => parameterField(operation.operationId, resolve(raw)));
  const content = ((resolve(operation.requestBody).content || {})["application/json"]) || null;
  const editor = content && h("textarea", { "aria-label": "JSON body", spellcheck: "false", rows: "8" });
  if (editor) {
    editor.value = JSON.stringify(content.example ?? example(content.schema), null, 2);
    editor.rows = Math.min(18, Math.max(3, editor.value.split("\n").length + 1));
  }
  const command = box("", false);
  const problem = h("span", { class: "problem", role: "alert" });
  const answer = h("div", { class: "answer", "aria-live": "polite" });
  const button = h("button", { type: "submit", class: "send" }, "Send");
  const refresh = () => {
    const asked = request(operation, fields, editor);
    command.set(curl(operation, asked));
    problem.textContent = "";
    return asked;
  };
  const form = h("form", { class: "left", oninput: refresh, onsubmit: (event) => {
    event.preventDefault();
    const asked = refresh();
    if (asked.missing.length) {
      problem.textContent = `Fill in ${asked.missing.join(", ")}.`;
      return;
    }
    if (operation.keyed && !state.key) {
      problem.textContent = "Put an API key into the field at the top.";
      document.getElementById("key").focus();
      return;
    }
    send(operation, asked, answer, button);
  } },
    fields.length ? h("h3", {}, "Parameters") : null, fields.map((field) => field.row),
    editor ? [h("h3", {}, "Body"), editor] : null,
    h("div", { class: "act" }, button, problem),
    h("h3", {}, "With curl"), command.element,
    content && properties(content.schema)
      ? h("details", { class: "more" }, h("summary", {}, "What the body may say"), properties(content.schema)) : null);
  const right = h("div", { class: "right" }, h("h3", {}, "Answer"), answer, h("h3", {}, "What can come back"), responses(operation));
  answer.append(h("p", { class: "note" }, "Send the request to see what comes back."));
  refresh();
  return h("div", { class: "inside" },
    operation.description ? h("p", { class: "wide lead" }, prose(operation.description.replace(/\n/g, " "))) : null, form, right);
}

function pathText(path) {
  return path.split(/(\{[^}]+\})/).map((part) => (part.startsWith("{") ? h("em", {}, part) : part));
}

function card(operation) {
  const element = h("details", { class: "operation", id: operation.operationId },
    h("summary", {}, h("span", { class: `verb ${operation.verb}` }, operation.verb.toUpperCase()),
      h("span", { class: "path" }, pathText(operation.path)), h("span", { class: "summary" }, operation.summary || "")));
  let made = false;
  element.addEventListener("toggle", () => {
    if (!element.open || made) return;
    made = true;
    element.append(inside(operation));
  });
  return element;
}

function operationsOf(openapi) {
  const all = [];
  for (const [path, item] of Object.entries(openapi.paths || {})) {
    for (const verb of VERBS) {
      if (!item[verb]) continue;
      const security = item[verb].security || openapi.security || [];
      all.push({ ...item[verb], path, verb, keyed: security.some((one) => Object.keys(one).length > 0) });
    }
  }
  return all;
}

function open(id, focus) {
  const element = id && document.getElementById(id);
  if (!element || element.tagName !== "DETAILS") return;
  element.hidden = false;
  element.open = true;
  element.scrollIntoView();
  if (focus) element.querySelector("summary").focus({ preventScroll: true });
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function show(openapi) {
  state.document = openapi;
  const info = openapi.info || {};
  document.getElementById("version").textContent = info.version || "";
  const nav = document.getElementById("nav");
  const main = document.getElementById("main");
  const operations = operationsOf(openapi);
  const shown = [];
  main.replaceChildren(h("h1", {}, `${info.title || "API"} API`), h("p", { class: "about" }, prose(info.description)));
  for (const tag of openapi.tags || []) {
    const inTag = operations.filter((operation) => (operation.tags || [])[0] === tag.name);
    if (!inTag.length) continue;
    const heading = h("h2", {}, tag.name);
    const group = h("section", { class: "group" }, h("h2", {}, tag.name), h("p", { class: "about" }, tag.description || ""));
    nav.append(heading);
    const rows = inTag.map((operation) => {
      const element = card(operation);
      const link = h("a", { href: `#${operation.operationId}` }, h("span", { class: `verb ${operation.verb}` }, operation.verb === "delete" ? "DEL" : operation.verb.toUpperCase()),
        h("span", {}, operation.summary || operation.path));
      group.append(element);
      nav.append(link);
      const words = [operation.operationId, operation.verb, operation.path, operation.summary, operation.description, tag.name].join(" ").toLowerCase();
      return { element, link, words };
    });
    main.append(group);
    shown.push({ group, heading, rows });
  }
  const nothing = h("p", { class: "nothing", hidden: true }, "No operation matches.");
  main.append(nothing);
  document.getElementById("search").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let any = false;
    for (const { group, heading, rows } of shown) {
      let some = false;
      for (const row of rows) {
        const fits = words.every((word) => row.words.includes(word));
        row.element.hidden = !fits;
        row.link.hidden = !fits;
        some = some || fits;
      }
      group.hidden = !some;
      heading.hidden = !some;
      any = any || some;
    }
    nothing.hidden = any;
  });
  open(decodeURIComponent(location.hash.slice(1)), false);
}

async function checkKey() {
  const who = document.getElementById("who");
  who.className = "who";
  if (!state.key) {
    who.textContent = "There is no key in the field yet.";
    return;
  }
  try {
    const response = await fetch("/v1/me", { headers: { Token: state.key }, cache: "no-store", credentials: "omit" });
    const body = await response.json();
    who.classList.toggle("bad", !response.ok);
    who.textContent = response.ok
      ? `The key '${body.key.name}' works for the account '${body.account.name}' and may use ${body.key.scopes.join(", ")}.`
      : `${body.message} ${body.hint}`;
  } catch (error) {
    who.classList.add("bad");
    who.textContent = `The server did not answer: ${error.message}`;
  }
}

function start() {
  const theme = document.getElementById("theme");
  const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    name();
  });
  name();
  document.getElementById("key").addEventListener("input", (event) => { state.key = event.target.value.trim(); });
  document.getElementById("key").addEventListener("keydown", (event) => { if (event.key === "Enter") checkKey(); });
  document.getElementById("check").addEventListener("click", checkKey);
  addEventListener("hashchange", () => open(decodeURIComponent(location.hash.slice(1)), true));
  document.getElementById("nav").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.hash === location.hash) open(decodeURIComponent(link.hash.slice(1)), true);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
      event.preventDefault();
      document.getElementById("search").focus();
    }
  });
  fetch("/v1/openapi.json", { cache: "no-cache", credentials: "omit" })
    .then((response) => response.json())
    .then(show)
    .catch((error) => { document.getElementById("main").replaceChildren(h("p", { class: "problem" }, `The document can't be read: ${error.message}`)); });
}

start();
