"use strict";
// The tables of the page. Texts become text nodes, never markup; styles are classes, never attributes.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const text = (position) => (position < 0 ? "" : data.texts[position]);
  const byId = (id) => document.getElementById(id);
  const number = (count) => count.toLocaleString("en-US");
  const several = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

  const VERDICTS = ["pass", "fail", "unknown", "exempt", "notApplicable"];
  const VERDICT_WORDS = ["pass", "fail", "unknown", "exempt", "not applicable"];
  const VERDICT_RANKS = [3, 0, 1, 2, 4];
  const SEVERITIES = ["info", "low", "medium", "high", "critical"];
  const NO = 0, UNKNOWN = 1, YES = 2;
  const MARKS = [["✗", "not met: ", "no"], ["?", "unknown: ", "unknown"], ["✓", "met: ", "yes"]];
  const REACHES = ["no", "unknown", "yes"];
  // What people call one of a kind, and the whole kind.
  const KINDS = {
    "internet": ["", "the internet"], "ip-rule": ["IP rule", "IP rules"],
    "private-endpoint": ["private endpoint", "private endpoints"],
    "subnet": ["subnet", "subnets by service endpoint"],
    "trusted-services": ["", "trusted Microsoft services"], "task": ["task", "tasks"],
    "quick-run": ["", "quick runs (az acr build, az acr run)"], "home-region": ["home region", "home region"],
    "replica": ["replica", "replicas"], "webhook": ["webhook", "webhooks"],
  };
  const PAGE = 50;
  const PRINTED_DETAILS = 500;

  /** An element with a class, attributes, and children that are elements or texts. */
  function make(tag, className, children = [], attributes = {}) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...[children].flat());
    return element;
  }
  const hidden = (words) => make("span", "unseen", words);

  let said;
  /** Tells a reader of the screen something that only an eye would notice. */
  function announce(words) {
    clearTimeout(said);
    byId("announce").textContent = "";
    said = setTimeout(() => { byId("announce").textContent = words; }, 60);
  }

  async function copy(words, button) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      // Without the clipboard's permission, as in a file opened from a disk by some browsers.
      const area = make("textarea", "unseen", [], { "aria-hidden": "true", "tabindex": "-1" });
      area.value = words;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = "Copied";
    announce("Copied to the clipboard");
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  function copyable(words, label) {
    const button = make("button", "copy", "Copy", { "type": "button", "aria-label": label });
    button.addEventListener("click", () => copy(words, button));
    return button;
  }

  function byCodePoint(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /**
   * A table of many rows: filtered, sorted, a page at a time, each row with details to open.
   * `keys` has what each column sorts by, `ties` what follows; rows are positions in `count`.
   */
  function listing(options) {
    const { table, pager, status, count, keys, ties, cells, details, matches, nouns } = options;
    const body = table.tBodies[0];
    const headings = [...table.tHead.rows[0].cells];
    const opened = new Set();
    let sorted = { column: options.sort, down: options.down };
    let found = [], page = 0, all = false;

    function compare(left, right) {
      const key = keys[sorted.column];
      const [a, b] = [key(left), key(right)];
      return (sorted.down ? -byCodePoint(a, b) : byCodePoint(a, b)) || ties(left, right);
    }

    function row(position) {
      const open = all || opened.has(position);
      const [first, ...others] = cells(position);
      const toggle = make("button", "toggle", [], { "type": "button", "aria-expanded": open });
      toggle.append(...[first.content].flat());
      const shown = make("tr", open ? "item open" : "item", [
        make("td", first.className || "", toggle),
        ...others.map((cell) => make("td", cell.className || "", cell.content)),
      ]);
      const flip = () => {
        const now = toggle.getAttribute("aria-expanded") !== "true";
        toggle.setAttribute("aria-expanded", now);
        shown.className = now ? "item open" : "item";
        if (now) {
          opened.add(position);
          shown.after(detail(position));
        } else {
          opened.delete(position);
          shown.nextElementSibling.remove();
        }
      };
      shown.addEventListener("click", (event) => {
        if (toggle.contains(event.target) || !String(getSelection())) flip();
      });
      return open ? [shown, detail(position)] : [shown];
    }

    function detail(position) {
      return make("tr", "detail", make("td", "", details(position), { "colspan": headings.length }));
    }

    function draw(positions = found.slice(page * PAGE, (page + 1) * PAGE)) {
      const rows = document.createDocumentFragment();
      for (const position of positions) rows.append(...row(position));
      if (!positions.length) {
        rows.append(make("tr", "", make("td", "empty", options.nothing, { "colspan": headings.length })));
      }
      body.replaceChildren(rows);
    }

    function drawPager() {
      const pages = Math.max(1, Math.ceil(found.length / PAGE));
      const button = (words, target, off) => {
        const made = make("button", "quiet-button", words, { "type": "button" });
        made.disabled = off;
        made.addEventListener("click", () => turn(target, words));
        return made;
      };
      const from = page * PAGE + 1, to = Math.min(found.length, (page + 1) * PAGE);
      pager.hidden = pages === 1;
      pager.replaceChildren(
        button("First", 0, page === 0), button("Previous", page - 1, page === 0),
        make("span", "", `${number(from)}–${number(to)} of ${number(found.length)}`),
        button("Next", page + 1, page === pages - 1), button("Last", pages - 1, page === pages - 1),
      );
    }

    function turn(target, words) {
      page = target;
      draw();
      drawPager();
      const button = [...pager.querySelectorAll("button")].find((each) => each.textContent === words);
      const other = [...pager.querySelectorAll("button")].find((each) => !each.disabled);
      (button.disabled ? other : button).focus({ preventScroll: true });
      table.scrollIntoView({ block: "nearest" });
      announce(`Page ${page + 1}`);
    }

    function update() {
      const wanted = matches();
      found = [];
      for (let position = 0; position < count; position += 1) if (wanted(position)) found.push(position);
      found.sort(compare);
      page = 0;
      status.textContent = found.length === count
        ? several(count, ...nouns)
        : `${number(found.length)} of ${several(count, ...nouns)}`;
      draw();
      drawPager();
    }

    for (const heading of headings) {
      const button = heading.querySelector("button");
      button.addEventListener("click", () => {
        const column = button.dataset.sort;
        const down = sorted.column === column ? !sorted.down : Boolean(options.downFirst?.includes(column));
        sorted = { column, down };
        for (const each of headings) each.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        update();
        announce(`Sorted by ${button.textContent}, ${down ? "descending" : "ascending"}`);
      });
    }

    // Paper has no buttons: what is found is printed whole, with details while they are few.
    addEventListener("beforeprint", () => {
      const kept = all;
      all = found.length <= PRINTED_DETAILS && options.printDetails;
      draw(found);
      all = kept;
    });
    addEventListener("afterprint", () => draw());

    return {
      update,
      expand(now) {
        all = now;
        opened.clear();
        draw();
      },
    };
  }

  /** Whether a text holds every word of a search, in any case. */
  function searcher(field, haystack) {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    return (position) => words.every((word) => haystack(position).includes(word));
  }

  function remembered(make_) {
    const kept = [];
    return (position) => (kept[position] ??= make_(position));
  }

  function onInput(field, update) {
    let waiting;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(update, 120);
    });
    field.form.addEventListener("submit", (event) => event.preventDefault());
  }

  function block(title, ...content) {
    return make("section", "block", [make("h3", "", title), ...content]);
  }

  // Findings ------------------------------------------------------------------------------------------

  const findings = data.findings.map(([policy, resource, verdict, gates, reason, message, evidence, advice, baseline]) =>
    ({ policy, resource, verdict, gates, reason, message, evidence, advice, baseline }));
  const policies = data.policies.map(([id, name, title, severity, preview, why, page, references]) =>
    ({ id: text(id), name: text(name), title, severity, preview, why, page, references }));
  const resources = data.resources.map(([registry, place, id, type, location]) =>
    ({ registry: text(registry), place: text(place), id, type, location }));
  const policyOf = (position) => policies[findings[position].policy];
  const resourceOf = (position) => resources[findings[position].resource];

  function verdictBadge(finding) {
    const name = VERDICTS[finding.verdict];
    const badge = [make("span", `badge ${name}${finding.gates ? " gates" : ""}`, VERDICT_WORDS[finding.verdict])];
    return finding.gates ? [...badge, hidden(", gates")] : badge;
  }

  function findingCells(position) {
    const finding = findings[position], policy = policyOf(position), resource = resourceOf(position);
    const severity = SEVERITIES[policy.severity];
    return [
      { content: verdictBadge(finding), className: "c-verdict" },
      { content: make("span", `severity ${severity}`, severity), className: "c-severity" },
      { content: [make("span", "code", policy.id), " ", make("span", "name", policy.name)], className: "c-policy" },
      { content: resource.place, className: "c-resource" },
      { content: text(finding.message), className: "c-message" },
    ];
  }

  function evidenceList(lines) {
    const list = make("ul", "evidence");
    for (const [depth, mark, said_] of lines) {
      const item = make("li", depth ? "deep" : "");
      if (mark >= 0) {
        const [sign, words, name] = MARKS[mark];
        item.append(make("span", `sign ${name}`, sign, { "aria-hidden": "true" }), hidden(words));
      }
      item.append(text(said_));
      list.append(item);
    }
    return list;
  }

  function adviceList(advice) {
    return advice.map(([way, words, commands]) => {
      const remedy = make("div", "remedy", make("p", "", [
        ...(way >= 0 ? [make("span", "tag", text(way)), " "] : []), text(words),
      ]));
      if (commands.length) {
        const script = commands.map(text).join("\n");
        remedy.append(make("div", "command", [
          make("pre", "", make("code", "", script), { "tabindex": "0" }),
          copyable(script, "Copy these commands"),
        ]));
      }
      return remedy;
    });
  }

  function link(title, address) {
    return /^https:\/\//i.test(address)
      ? make("a", "", title, { "href": address, "rel": "noopener noreferrer" })
      : make("span", "", `${title}: ${address}`);
  }

  function findingDetails(position) {
    const finding = findings[position], policy = policyOf(position), resource = resourceOf(position);
    const notes = [];
    if (policy.preview) notes.push(make("span", "tag", "preview"));
    if (finding.baseline) notes.push(make("span", "tag", "in the baseline"));
    if (finding.gates) notes.push(make("span", "tag strong", "gates"));
    else if (finding.reason >= 0) notes.push(make("span", "quiet", `Does not gate: ${text(finding.reason)}.`));
    const parts = [make("p", "title", [text(policy.title), " ", ...notes])];
    if (finding.evidence.length) parts.push(block("Evidence", evidenceList(finding.evidence)));
    if (finding.advice.length) parts.push(block("What to do", ...adviceList(finding.advice)));
    if (policy.why >= 0 && text(policy.why)) parts.push(block("Why it matters", make("p", "", text(policy.why))));
    const where = [make("span", "id", text(resource.id)), " ", copyable(text(resource.id), "Copy the resource id")];
    parts.push(block("Resource", make("p", "", where)));
    const references = policy.references.map(([title, address]) => make("li", "", link(text(title), text(address))));
    references.push(make("li", "quiet", text(policy.page)));
    const more = block("References", make("ul", "plain", references));
    more.classList.add("references");
    parts.push(more);
    return parts;
  }

  function fill(select, values, label) {
    for (const value of values) select.append(make("option", "", label(value), { value }));
  }

  function showFindings() {
    const search = byId("search"), policy = byId("policy"), registry = byId("registry"), gates = byId("gates");
    const checked = (name) => new Set([...document.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value));
    const used = new Set(findings.map((finding) => finding.policy));
    const order = [...used].sort((a, b) => (policies[a].id < policies[b].id ? -1 : 1));
    fill(policy, order, (each) => `${policies[each].id} ${policies[each].name}`);
    const names = new Set(resources.map((resource) => resource.registry));
    fill(registry, [...names].filter(Boolean).sort(), (each) => each);
    if (names.has("")) registry.append(make("option", "", "outside of registries", { "value": "/" }));

    const haystack = remembered((position) => {
      const finding = findings[position], of = policyOf(position), resource = resourceOf(position);
      const lines = finding.evidence.map(([, , said_]) => text(said_));
      return [of.id, of.name, text(of.title), text(resource.id), text(resource.location), text(finding.message),
        text(finding.reason), ...lines].join("\n").toLowerCase();
    });

    const list = listing({
      table: byId("findings-table"), pager: byId("findings-pages"), status: byId("findings-count"),
      count: findings.length, nouns: ["finding", "findings"], nothing: "No finding matches these filters.",
      sort: "severity", down: true, downFirst: ["severity"], printDetails: true,
      keys: {
        verdict: (position) => VERDICT_RANKS[findings[position].verdict],
        severity: (position) => policyOf(position).severity,
        policy: (position) => policyOf(position).id,
        resource: (position) => resourceOf(position).place.toLowerCase(),
        message: (position) => text(findings[position].message).toLowerCase(),
      },
      ties: (left, right) =>
        findings[right].gates - findings[left].gates
        || policyOf(right).severity - policyOf(left).severity
        || VERDICT_RANKS[findings[left].verdict] - VERDICT_RANKS[findings[right].verdict]
        || byCodePoint(policyOf(left).id, policyOf(right).id)
        || left - right,
      cells: findingCells, details: findingDetails,
      matches() {
        const verdicts = checked("verdict"), severities = checked("severity");
        const words = searcher(search, haystack);
        return (position) => {
          const finding = findings[position];
          const name = resourceOf(position).registry || "/";
          return verdicts.has(VERDICTS[finding.verdict])
            && severities.has(String(policyOf(position).severity))
            && (policy.value === "" || finding.policy === Number(policy.value))
            && (registry.value === "" || name === registry.value)
            && (gates.value === "" || finding.gates === Number(gates.value))
            && words(position);
        };
      },
    });

    const form = byId("filters"), expand = byId("expand");
    onInput(search, list.update);
    form.addEventListener("change", (event) => { if (event.target !== search) list.update(); });
    form.addEventListener("reset", () => setTimeout(list.update));
    expand.addEventListener("click", () => {
      const now = expand.getAttribute("aria-pressed") !== "true";
      expand.setAttribute("aria-pressed", now);
      expand.textContent = now ? "Close all on this page" : "Open all on this page";
      list.expand(now);
    });
    byId("findings-view").hidden = false;
    list.update();
  }

  // Access --------------------------------------------------------------------------------------------

  const registries = data.access.map(([name, id, location, entries]) => ({
    name: text(name), id, location,
    entries: entries.map(([kind, who, reaches, by, evidence, id_]) =>
      ({ kind: text(kind), who, reaches, by, evidence, id: id_ })),
  }));
  const SINGLE = ["internet", "trusted-services", "quick-run"];
  const COUNTED = ["internet", "ip-rule", "private-endpoint", "subnet", "trusted-services", "task", "quick-run"];

  const reached = (position, kind) =>
    registries[position].entries.filter((entry) => entry.kind === kind).map((entry) => entry.reaches);

  function truthWord(truth, kind) {
    const name = REACHES[truth] ?? "";
    return make("span", `reach ${name}${kind === "internet" && truth === YES ? " wide" : ""}`, name);
  }

  function reachCell(position, kind) {
    const truths = reached(position, kind);
    if (!truths.length) return { content: [make("span", "none", "–"), hidden("none")], className: "reaches" };
    if (SINGLE.includes(kind)) return { content: truthWord(truths[0], kind), className: "reaches" };
    const yes = truths.filter((truth) => truth === YES).length;
    const doubts = truths.filter((truth) => truth === UNKNOWN).length;
    const content = [`${yes}/${truths.length}`];
    if (doubts) content.push(" ", make("span", "reach unknown", [`${doubts}?`]), hidden(` ${doubts} unknown`));
    return { content, className: "reaches" };
  }

  /** What a column of truths sorts by: doubts before what is shut, what is open last. */
  function reachKey(kind) {
    return (position) => {
      const truths = reached(position, kind);
      const doubts = truths.filter((truth) => truth === UNKNOWN).length;
      return truths.filter((truth) => truth === YES).length + doubts * 1e6 + (truths.length ? 0.5 : 0);
    };
  }

  function accessDetails(position) {
    const registry = registries[position];
    const head = make("thead", "", make("tr", "", ["Who", "Reaches it", "By"].map((words) =>
      make("th", "", words, { "scope": "col" }))));
    const rows = registry.entries.map((entry) => {
      const who = text(entry.who);
      const [one, whole] = KINDS[entry.kind] ?? [entry.kind, entry.kind];
      const short = who.startsWith("/subscriptions/") ? who.slice(who.lastIndexOf("/") + 1) : who;
      const named = make("td", "", !one || !who ? [whole]
        : [make("span", "quiet", one), " ", make("span", "id", short)]);
      if (entry.id >= 0) named.title = text(entry.id);
      const why = make("td", "", [text(entry.by)]);
      if (entry.evidence.length) {
        why.append(make("ul", "plain quiet", entry.evidence.map((line) => make("li", "", text(line)))));
      }
      return make("tr", "", [named, make("td", "", entry.reaches < 0 ? "" : truthWord(entry.reaches, entry.kind)), why]);
    });
    return [
      make("p", "quiet", [make("span", "id", text(registry.id)), " ", copyable(text(registry.id), "Copy the registry's id")]),
      make("table", "grid inner", [
        make("caption", "unseen", `Who reaches ${registry.name}`), head, make("tbody", "", rows),
      ]),
    ];
  }

  function showAccess() {
    if (!registries.length) return;
    const search = byId("access-search");
    const haystack = remembered((position) => {
      const registry = registries[position];
      const lines = registry.entries.flatMap((entry) => [entry.who, entry.by, ...entry.evidence].map(text));
      return [text(registry.id), text(registry.location), ...lines].join("\n").toLowerCase();
    });
    const list = listing({
      table: byId("access-table"), pager: byId("access-pages"), status: byId("access-count"),
      count: registries.length, nouns: ["registry", "registries"], nothing: "No registry matches this search.",
      sort: "name", down: false, downFirst: COUNTED, printDetails: true,
      keys: {
        name: (position) => registries[position].name.toLowerCase(),
        ...Object.fromEntries(COUNTED.map((kind) => [kind, reachKey(kind)])),
      },
      ties: (left, right) => left - right,
      cells: (position) => [
        { content: [make("span", "name", registries[position].name), " ",
          make("span", "quiet", text(registries[position].location) || "region unknown")] },
        ...COUNTED.map((kind) => reachCell(position, kind)),
      ],
      details: accessDetails,
      matches: () => searcher(search, haystack),
    });
    onInput(search, list.update);
    byId("access-section").hidden = false;
    list.update();
  }

  // Theme ---------------------------------------------------------------------------------------------

  function showTheme() {
    const root = document.documentElement, button = byId("theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const kept = { get theme() { try { return localStorage.getItem("acr-scan-theme"); } catch { return null; } },
      set theme(name) { try { localStorage.setItem("acr-scan-theme", name); } catch { /* not remembered */ } } };
    const dark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
    const name = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
    if (["dark", "light"].includes(kept.theme)) root.dataset.theme = kept.theme;
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      kept.theme = root.dataset.theme;
      name();
    });
    system.addEventListener("change", name);
    button.hidden = false;
    name();
  }

  showTheme();
  showFindings();
  showAccess();
})();
