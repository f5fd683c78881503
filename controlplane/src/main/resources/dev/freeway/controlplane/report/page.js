'use strict';
// What AWS answered is text, here and everywhere: nothing of it becomes markup, a selector or code.
// Where a server gives the page, a script before this one sets globalThis.freeway: part(id) fetches a part's JSON, begin(page)
// gets what this page can do, and views, a map of further tabs by name, each with remember(to), recall(from) and shown().
(async () => {
  const served = globalThis.freeway;
  const $ = id => document.getElementById(id);
  const PHONE = matchMedia('(max-width: 700px)');
  const PAPER_ROWS = 5000;
  const COLLATE = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const number = n => n.toLocaleString('en');

  /** Characters that steer a terminal or turn the direction of text are shown by their number. */
  const show = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, c => `\\u{${c.codePointAt(0).toString(16)}}`);

  function el(tag, properties, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (name === 'class') node.className = value;
      else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else if (name in node && name !== 'role') node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children.map(child => (child instanceof Node ? child : show(child))));
    return node;
  }

  function svg(tag, attributes, ...children) {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value);
    }
    node.append(...children.map(child => (child instanceof Node ? child : show(child))));
    return node;
  }

  const parsed = new Promise(done => {
    if (document.readyState !== 'loading') done();
    else document.addEventListener('DOMContentLoaded', done, { once: true });
  });

  async function unpack(id) {
    if (served) return served.part(id);
    if (!$(id)) await parsed;
    const text = $(id).textContent;
    let bytes;
    if (Uint8Array.fromBase64) {
      bytes = Uint8Array.fromBase64(text);
    } else {
      const binary = atob(text);
      bytes = new Uint8Array(binary.length);
      for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    }
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  }

  function alarm(text, ...more) {
    $('alert').replaceChildren(text, ...more);
    $('alert').hidden = false;
  }

  if (!globalThis.DecompressionStream) {
    $('about').textContent = '';
    alarm('This browser cannot open what is compressed. Chrome 80, Firefox 113 and Safari 16.4 can.');
    return;
  }

  const data = JSON.parse(await unpack('data'));
  const N = data.rows;

  // ------------------------------------------------------------------ rows

  const scopeOf = Uint32Array.from(data.scope);
  const arnOf = Uint32Array.from(data.arn);
  const tagFrom = new Uint32Array(N + 1);
  for (let i = 0; i < N; i++) tagFrom[i + 1] = tagFrom[i] + data.tagCount[i];
  const tagOf = Uint32Array.from(data.tag);
  const isDefault = new Uint8Array(N);
  for (const row of data.defaults) isDefault[row] = 1;
  const alias = new Map(data.accounts);

  // The month of each row as a number in monthNames; 0 where nobody says when it was made.
  const monthNames = [''];
  const monthOf = new Uint16Array(N);
  const monthOfDay = new Map();
  const numberOfMonth = new Map();
  for (let row = 0; row < N; row++) {
    const day = Math.floor(data.created[row] / 86400);
    if (!data.created[row]) continue;
    if (!monthOfDay.has(day)) {
      const month = new Date(day * 86400000).toISOString().slice(0, 7);
      if (!numberOfMonth.has(month)) numberOfMonth.set(month, monthNames.push(month) - 1);
      monthOfDay.set(day, numberOfMonth.get(month));
    }
    monthOf[row] = monthOfDay.get(day);
  }

  const id = row => data.id[row];
  const name = row => data.name[row] || data.id[row];
  const account = row => data.scopes[scopeOf[row]][0];
  const service = row => data.scopes[scopeOf[row]][1];
  const region = row => data.scopes[scopeOf[row]][2];
  const type = row => data.scopes[scopeOf[row]][3];
  const arn = row => {
    const around = data.arns[arnOf[row]];
    return around.length === 2 ? around[0] + data.id[row] + around[1] : around[0];
  };
  const tags = row => data.tag.slice(tagFrom[row], tagFrom[row + 1]).map(pair => data.tags[pair]);
  const time = seconds => (seconds ? new Date(seconds * 1000).toISOString().replace('.000', '') : '');
  const created = row => time(data.created[row]);
  const first = row => time(data.times[data.first[row]]);
  const last = row => time(data.times[data.last[row]]);
  const parent = row => data.parents[data.parent[row]];
  const key = row => [account(row), service(row), region(row), type(row), id(row)].join('/');

  function tagged(row, tag) {
    for (let i = tagFrom[row]; i < tagFrom[row + 1]; i++) {
      if (data.tags[tagOf[i]][0] === tag) return data.tags[tagOf[i]][1];
    }
    return undefined;
  }

  const COLUMNS = [
    ['service', 'Service', service, 110],
    ['type', 'Type', type, 130],
    ['name', 'Name', name, 190],
    ['id', 'Id', id, 170],
    ['region', 'Region', region, 118],
    ['account', 'Account', account, 115],
    ['tags', 'Tags', row => tags(row).map(pair => pair.join('=')).join('; '), 220],
    ['created', 'Created', created, 165],
    ['first', 'First seen', first, 165],
    ['last', 'Last seen', last, 165],
    ['arn', 'ARN', arn, 320],
    ['parent', 'Belongs to', parent, 150],
    ['default', 'Default', row => (isDefault[row] ? 'yes' : ''), 80],
  ].map(([id, title, value, width]) => ({ id, title, value, width }));
  const tagKeys = [...new Set(data.tags.map(pair => pair[0]))].sort(COLLATE);
  const column = id =>
    COLUMNS.find(c => c.id === id) ||
    (id.startsWith('tag:') && { id, title: id.slice(4), value: row => tagged(row, id.slice(4)) ?? '', width: 130 });
  const USUAL = data.accounts.length > 1
    ? ['service', 'type', 'name', 'id', 'region', 'account', 'tags']
    : ['service', 'type', 'name', 'id', 'region', 'created', 'tags'];

  // ------------------------------------------------------------------ filters

  const FACETS = [
    { id: 'service', title: 'Service', at: s => s[1] },
    { id: 'type', title: 'Type', at: s => `${s[1]}:${s[3]}` },
    { id: 'region', title: 'Region', at: s => s[2] },
    { id: 'account', title: 'Account', at: s => s[0], label: a => (alias.get(a) ? `${a} ${alias.get(a)}` : a) },
  ];
  for (const [bit, facet] of FACETS.entries()) {
    facet.bit = 1 << bit;
    facet.values = [...new Set(data.scopes.map(facet.at))].sort(COLLATE);
    const numbers = new Map(facet.values.map((value, i) => [value, i]));
    facet.of = Uint32Array.from(data.scopes, s => numbers.get(facet.at(s)));
    facet.find = '';
  }
  const TAG = 16, DEFAULT = 32, TEXT = 64;

  const state = {
    q: '', deep: true, chosen: {}, tag: '', tagValues: new Set(), defaults: '', sort: '', columns: [...USUAL], open: -1,
  };
  for (const facet of FACETS) state.chosen[facet.id] = new Set();
  let shown = new Uint32Array(0); // rows in their order on the page
  let active = -1; // its place in shown

  /** What a search is looked up in, built once: a text of each row and one of each scope. */
  const hay = new Array(N);
  const scopeHay = data.scopes.map(s => `${s.join('\n')}\n${s[1]}:${s[3]}\n${alias.get(s[0]) || ''}`.toLowerCase());
  const tagHay = data.tags.map(pair => pair.join('=').toLowerCase());
  let indexed = 0;
  function index(until) {
    for (; indexed < until; indexed++) {
      let text = `${name(indexed)}\n${id(indexed)}\n${arn(indexed)}\n${parent(indexed)}`.toLowerCase();
      for (let i = tagFrom[indexed]; i < tagFrom[indexed + 1]; i++) text += '\n' + tagHay[tagOf[i]];
      hay[indexed] = text;
    }
  }
  function indexIdly() {
    if (indexed >= N) return;
    index(Math.min(N, indexed + 4000));
    setTimeout(indexIdly);
  }

  const FIELDS = { service, type, region, account, id, name, arn, parent };
  /** Words, "phrases", -not, field:value, tag:key, tag:key=value. All have to hold. */
  function terms(q) {
    const found = [];
    for (const [, not, field, quoted, word] of q.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/giu)) {
      const text = (quoted ?? word).toLowerCase();
      const known = field && (field.toLowerCase() === 'tag' || FIELDS[field.toLowerCase()]);
      if (known) found.push({ not: !!not, field: field.toLowerCase(), text });
      else if (text || field) found.push({ not: !!not, field: '', text: (field ? field.toLowerCase() + ':' : '') + text });
    }
    return found.filter(term => term.text);
  }

  function holds(term, row) {
    if (term.field === 'tag') {
      const whole = term.text.includes('=');
      for (let i = tagFrom[row]; i < tagFrom[row + 1]; i++) {
        const pair = tagHay[tagOf[i]];
        if (whole ? pair === term.text : pair.startsWith(term.text + '=')) return true;
      }
      return false;
    }
    if (term.field) return FIELDS[term.field](row).toLowerCase().includes(term.text);
    return term.scopes[scopeOf[row]] === 1 || hay[row].includes(term.text);
  }

  function prepare(q) {
    const all = terms(q);
    if (all.length) index(N);
    for (const term of all) {
      if (!term.field) term.scopes = Uint8Array.from(scopeHay, text => (text.includes(term.text) ? 1 : 0));
    }
    return all;
  }

  let deepFound = { q: '', rows: null, done: true }; // rows whose document, too, was looked at
  let deepTurn = 0;
  let counts = {};

  /** Which filters a row fails, each a bit; the text is the dearest and comes last. */
  function apply() {
    const began = performance.now();
    const scopeMask = data.scopes.map((_, s) => {
      let mask = 0;
      for (const facet of FACETS) {
        const chosen = state.chosen[facet.id];
        if (chosen.size && !chosen.has(facet.values[facet.of[s]])) mask |= facet.bit;
      }
      return mask;
    });
    const query = prepare(state.q);
    const deep = state.deep && deepFound.q === state.q ? deepFound.rows : null;
    const scopePassed = new Uint32Array(data.scopes.length);
    const scopeBut = FACETS.map(() => new Uint32Array(data.scopes.length));
    const tagBut = new Map();
    const months = new Uint32Array(monthNames.length);
    const passed = new Uint8Array(N);
    let count = 0;
    for (let row = 0; row < N; row++) {
      const scope = scopeOf[row];
      let mask = scopeMask[scope];
      if (state.defaults && (state.defaults === 'only') !== (isDefault[row] === 1)) mask |= DEFAULT;
      let value;
      if (state.tag) {
        value = tagged(row, state.tag);
        if (state.tagValues.size && !state.tagValues.has(value === undefined ? '\0' : value)) mask |= TAG;
      }
      // A row that fails two filters is in no count.
      if (mask & (mask - 1)) continue;
      if (query.length && !(deep && deep[row])) {
        let right = true;
        for (let i = 0; right && i < query.length; i++) right = holds(query[i], row) !== query[i].not;
        if (!right) continue;
      }
      if (mask === 0) {
        passed[row] = 1;
        count++;
        scopePassed[scope]++;
        if (monthOf[row]) months[monthOf[row]]++;
      }
      for (let f = 0; f < FACETS.length; f++) {
        if (mask === 0 || mask === FACETS[f].bit) scopeBut[f][scope]++;
      }
      if (state.tag && (mask === 0 || mask === TAG)) {
        const at = value === undefined ? '\0' : value;
        tagBut.set(at, (tagBut.get(at) || 0) + 1);
      }
    }
    counts = { passed: [], but: [], tags: tagBut, months };
    for (const [f, facet] of FACETS.entries()) {
      counts.passed[f] = new Uint32Array(facet.values.length);
      counts.but[f] = new Uint32Array(facet.values.length);
      for (let s = 0; s < data.scopes.length; s++) {
        counts.passed[f][facet.of[s]] += scopePassed[s];
        counts.but[f][facet.of[s]] += scopeBut[f][s];
      }
    }
    const was = active >= 0 ? shown[active] : -1;
    shown = new Uint32Array(count);
    let at = 0;
    const order = sorted();
    if (order) {
      for (let i = 0; i < N; i++) if (passed[order[i]]) shown[at++] = order[i];
    } else {
      for (let row = 0; row < N; row++) if (passed[row]) shown[at++] = row;
    }
    active = was < 0 ? -1 : shown.indexOf(was);
    draw();
    remember();
    globalThis.lastApply = performance.now() - began;
  }

  const orders = new Map();
  /** All rows by the column that is asked for; none for the order that they have. */
  function sorted() {
    if (!state.sort) return null;
    const down = state.sort.startsWith('-');
    const by = column(down ? state.sort.slice(1) : state.sort);
    if (!by) return null;
    if (!orders.has(state.sort)) {
      const values = Array.from({ length: N }, (_, row) => by.value(row).toLowerCase());
      const order = Uint32Array.from({ length: N }, (_, row) => row);
      // What has no value comes last, up or down.
      order.sort((a, b) => {
        if (values[a] === values[b]) return a - b;
        if (!values[a] || !values[b]) return values[a] ? -1 : 1;
        return (values[a] < values[b]) === down ? 1 : -1;
      });
      if (orders.size > 8) orders.clear();
      orders.set(state.sort, order);
    }
    return orders.get(state.sort);
  }

  // ------------------------------------------------------------------ search in documents

  const opened = new Map(); // blocks, the latest last
  async function block(b) {
    if (!opened.has(b)) {
      const texts = JSON.parse(await unpack(`documents-${b}`));
      opened.set(b, texts);
      if (opened.size > 6) opened.delete(opened.keys().next().value);
    }
    return opened.get(b);
  }
  const documentOf = async row => (await block(Math.floor(row / data.blockRows)))[row % data.blockRows];

  /** Goes through the documents, a block at a time, between two frames; what is found is shown as it is found. */
  async function searchDeep() {
    const turn = ++deepTurn;
    const q = state.q;
    const query = terms(q).filter(term => !term.field);
    $('shown').dataset.deep = '';
    if (!state.deep || !query.some(term => !term.not && term.text.length > 2)) {
      $('shown').dataset.deep = 'done';
      return;
    }
    await new Promise(done => setTimeout(done, 250));
    const all = prepare(q);
    const rows = new Uint8Array(N);
    const blocks = Math.ceil(N / data.blockRows);
    let drawn = performance.now();
    let fresh = false;
    for (let b = 0; b < blocks; b++) {
      if (turn !== deepTurn) return;
      const texts = JSON.parse(await unpack(`documents-${b}`));
      for (let i = 0; i < texts.length; i++) {
        const row = b * data.blockRows + i;
        let text = '';
        let right = true;
        for (let t = 0; right && t < all.length; t++) {
          const term = all[t];
          let has = holds(term, row);
          if (!has && !term.field && !term.not) {
            text ||= texts[i].toLowerCase();
            has = text.includes(term.text);
          }
          right = has !== term.not;
        }
        if (right) {
          rows[row] = 1;
          fresh = true;
        }
      }
      if (turn !== deepTurn) return;
      if (performance.now() - drawn > 600) {
        deepFound = { q, rows };
        if (fresh) apply();
        fresh = false;
        drawn = performance.now();
        $('shown').textContent = `${summary()}, details ${Math.round((100 * b) / blocks)} %`;
      }
    }
    deepFound = { q, rows };
    apply();
    $('shown').dataset.deep = 'done';
  }

  // ------------------------------------------------------------------ drawing

  const summary = () => (shown.length === N ? `${number(N)} resources` : `${number(shown.length)} of ${number(N)}`);

  let frame = 0;
  function draw() {
    $('shown').textContent = summary();
    drawCounters();
    drawList();
    // What is typed is seen first; filters and charts follow.
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => setTimeout(() => {
      drawFacets();
      drawCharts();
    }));
  }

  function drawCounters() {
    const some = f => counts.passed[f].reduce((n, count) => n + (count ? 1 : 0), 0);
    const values = [['resources', shown.length], ['services', some(0)], ['types', some(1)], ['regions', some(2)]];
    if (data.accounts.length > 1) values.push(['accounts', some(3)]);
    $('counters').replaceChildren(
      ...values.map(([title, n]) => el('div', { class: 'counter' }, el('b', {}, number(n)), el('span', {}, title))));
  }

  function marked(text) {
    const safe = show(text);
    const words = terms(state.q).filter(term => !term.not && term.field !== 'tag').map(term => term.text);
    const lower = safe.toLowerCase();
    if (!words.length || lower.length !== safe.length) return [safe];
    const parts = [];
    let at = 0;
    while (at < safe.length) {
      let next = -1, length = 0;
      for (const word of words) {
        const found = lower.indexOf(word, at);
        if (found >= 0 && (next < 0 || found < next)) [next, length] = [found, word.length];
      }
      if (next < 0) break;
      parts.push(safe.slice(at, next), el('mark', {}, safe.slice(next, next + length)));
      at = next + length;
    }
    parts.push(safe.slice(at));
    return parts;
  }

  function badges(row) {
    const all = tags(row);
    const nodes = all.slice(0, 3).map(([k, v]) => el('span', { class: 'badge', title: show(`${k}=${v}`) }, ...marked(`${k}=${v}`)));
    if (all.length > 3) {
      nodes.push(el('span', { class: 'badge', title: show(all.slice(3).map(pair => pair.join('=')).join('\n')).replaceAll('\\u{a}', '\n') }, `+${all.length - 3}`));
    }
    return nodes;
  }

  const rowHeight = () => (PHONE.matches ? 58 : 34);
  const headHeight = () => $('head').offsetHeight;

  function drawHead() {
    const columns = state.columns.map(column);
    document.documentElement.style.setProperty('--columns', columns.map(c => `minmax(${c.width}px, ${c.width}fr)`).join(' '));
    document.documentElement.style.setProperty('--least', columns.reduce((sum, c) => sum + c.width, 0) + 'px');
    $('head').replaceChildren(...columns.map(c => {
      const direction = state.sort === c.id ? 'ascending' : state.sort === '-' + c.id ? 'descending' : 'none';
      const arrow = { ascending: ' ▲', descending: ' ▼', none: '' }[direction];
      return el('div', { role: 'columnheader', 'aria-sort': direction },
        el('button', { onclick: () => sortBy(c.id), title: show(`Sort by ${c.title}`), 'data-sort': c.id }, c.title + arrow));
    }));
  }

  function sortBy(id) {
    state.sort = state.sort === id ? '-' + id : state.sort === '-' + id ? '' : id;
    drawHead();
    apply();
  }

  function drawList() {
    const height = rowHeight();
    const list = $('list');
    $('space').style.height = shown.length * height + 'px';
    list.setAttribute('aria-rowcount', shown.length + 1);
    const from = Math.max(0, Math.floor(list.scrollTop / height) - 6);
    const to = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 6);
    const rows = [];
    for (let at = from; at < to; at++) rows.push(rowNode(at, height));
    if (!shown.length) {
      rows.push(el('div', { class: 'empty' }, N ? 'Nothing here has all of that. Escape clears the search, Clear everything.' : 'This inventory is empty.'));
    }
    $('space').replaceChildren(...rows);
    if (active >= from && active < to) list.setAttribute('aria-activedescendant', `row-${active}`);
    else list.removeAttribute('aria-activedescendant');
  }

  function rowNode(at, height) {
    const row = shown[at];
    const node = el('div', {
      class: 'row' + (at % 2 ? ' odd' : '') + (at === active ? ' active' : ''), role: 'row', id: `row-${at}`,
      'aria-rowindex': at + 2, 'aria-selected': at === active, onclick: () => { active = at; detail(row); drawList(); },
    });
    node.style.top = at * height + 'px';
    const mark = isDefault[row] ? [el('span', { class: 'badge default' }, 'default')] : [];
    if (PHONE.matches) {
      node.append(
        el('div', { role: 'gridcell' }, ...marked(name(row)), ...mark),
        el('div', { role: 'gridcell', class: 'sub' }, ...marked(`${service(row)} ${type(row)} · ${region(row)}` + (name(row) === id(row) ? '' : ` · ${id(row)}`))));
      return node;
    }
    for (const c of state.columns) {
      if (c === 'tags') {
        node.append(el('div', { role: 'gridcell', class: 'tags' }, ...badges(row)));
      } else {
        const text = column(c).value(row);
        node.append(el('div', { role: 'gridcell', title: show(text) }, ...marked(text), ...(c === 'name' ? mark : [])));
      }
    }
    return node;
  }

  function toggle(set, value) {
    if (set.has(value)) set.delete(value);
    else set.add(value);
    $('list').scrollTop = 0;
    apply();
  }

  function choice(checked, label, n, onchange) {
    return el('label', { class: n ? '' : 'none' }, el('input', { type: 'checkbox', checked, onchange }),
      el('span', { title: show(label) }, label), el('span', { class: 'n' }, number(n)));
  }

  const MOST = 40;
  function drawFacets() {
    const focused = document.activeElement && $('facets').contains(document.activeElement) ? document.activeElement.dataset.focus : '';
    const at = document.activeElement && document.activeElement.selectionStart;
    const parts = [el('button', { class: 'done', 'data-focus': 'done', onclick: () => filters(false) }, 'Done'), el('h3', {}, 'AWS’s own'),
      el('div', { class: 'facet' }, el('select', { 'aria-label': 'Default resources', 'data-focus': 'defaults', onchange: e => { state.defaults = e.target.value; apply(); } },
        ...[['', 'with defaults'], ['without', 'without defaults'], ['only', 'defaults only']].map(([value, text]) =>
          el('option', { value, selected: state.defaults === value }, text))))];
    for (const [f, facet] of FACETS.entries()) {
      if (facet.values.length < 2 && facet.id === 'account') continue;
      const chosen = state.chosen[facet.id];
      const label = facet.label || (value => value);
      let values = facet.values.map((value, i) => [value, counts.but[f][i]]);
      const all = values.length;
      values = values
        .filter(([value]) => chosen.has(value) || label(value).toLowerCase().includes(facet.find))
        .sort((a, b) => chosen.has(b[0]) - chosen.has(a[0]) || b[1] - a[1] || COLLATE(a[0], b[0]));
      const boxes = values.slice(0, Math.max(MOST, chosen.size)).map(([value, n]) =>
        choice(chosen.has(value), label(value), n, () => toggle(chosen, value)));
      boxes.forEach((box, i) => { box.firstChild.dataset.focus = `${facet.id} ${values[i][0]}`; });
      if (values.length > boxes.length) boxes.push(el('div', { class: 'n' }, `${values.length - boxes.length} more: type to find them`));
      if (all > 12) {
        boxes.unshift(el('input', { class: 'find', type: 'search', placeholder: `find ${facet.title.toLowerCase()}`, value: facet.find,
          'aria-label': `Find ${facet.title}`, 'data-focus': `find ${facet.id}`, oninput: e => { facet.find = e.target.value.toLowerCase(); drawFacets(); } }));
      }
      parts.push(el('h3', {}, facet.title), el('div', { class: 'facet', 'data-facet': facet.id }, ...boxes));
    }
    if (tagKeys.length) {
      const values = [...counts.tags].sort((a, b) => state.tagValues.has(b[0]) - state.tagValues.has(a[0]) || b[1] - a[1]);
      for (const value of state.tagValues) if (!counts.tags.has(value)) values.unshift([value, 0]);
      const boxes = values.slice(0, Math.max(MOST, state.tagValues.size)).map(([value, n]) => {
        const box = choice(state.tagValues.has(value), value === '\0' ? '(missing)' : value === '' ? '(blank)' : value, n, () => toggle(state.tagValues, value));
        box.firstChild.dataset.focus = `tag ${value}`;
        return box;
      });
      if (values.length > boxes.length) boxes.push(el('div', { class: 'n' }, `${values.length - boxes.length} more: search tag:KEY=VALUE`));
      parts.push(el('h3', {}, 'Tag'), el('div', { class: 'facet', 'data-facet': 'tag' },
        el('select', { 'aria-label': 'Tag key', 'data-focus': 'tag', onchange: e => { state.tag = e.target.value; state.tagValues.clear(); apply(); } },
          el('option', { value: '' }, 'choose a key'),
          ...tagKeys.map(k => el('option', { value: k, selected: state.tag === k }, k))), ...boxes));
    }
    $('facets').replaceChildren(...parts);
    if (focused) {
      const again = [...$('facets').querySelectorAll('[data-focus]')].find(node => node.dataset.focus === focused);
      if (again) {
        again.focus({ preventScroll: true });
        if (again.type === 'search' && at !== null) again.setSelectionRange(at, at);
      }
    }
  }

  function act(handler) {
    return { role: 'button', tabindex: 0, onclick: handler, onkeydown: e => {
      if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); handler(); }
    } };
  }

  /** Of the picture in a chart, so that its texts keep their size. */
  const chartWidth = () => Math.max(220, Math.floor($('charts').clientWidth / (PHONE.matches ? 1 : 3)) - 30);

  function bars(title, f) {
    const facet = FACETS[f];
    const chosen = state.chosen[facet.id];
    const top = facet.values.map((value, i) => [value, counts.passed[f][i]]).filter(([, n]) => n)
      .sort((a, b) => b[1] - a[1] || COLLATE(a[0], b[0])).slice(0, 6);
    const most = top.length ? top[0][1] : 1;
    const width = chartWidth();
    const picture = svg('svg', { viewBox: `0 0 ${width} 118`, 'aria-label': title, role: 'group' });
    top.forEach(([value, n], i) => {
      const y = i * 19.5;
      picture.append(svg('g', { ...act(() => toggle(chosen, value)), class: chosen.has(value) ? 'on' : '', 'aria-label': show(`${value}: ${number(n)}`) },
        svg('title', {}, `${value}: ${number(n)}`),
        svg('rect', { class: 'hit', x: 0, y, width, height: 19 }),
        svg('rect', { class: 'bar', x: 112, y: y + 3, width: Math.max(1, ((width - 170) * n) / most), height: 13, rx: 2 }),
        svg('text', { x: 0, y: y + 13 }, value.length > 17 ? value.slice(0, 16) + '…' : value),
        svg('text', { class: 'count', x: width - 1, y: y + 13 }, number(n))));
    });
    return el('div', { class: 'chart' }, el('h3', {}, title), picture);
  }

  function history() {
    const width = chartWidth();
    const step = width / 24;
    const picture = svg('svg', { viewBox: `0 0 ${width} 118`, role: 'img', 'aria-label': 'Created by month' });
    const end = new Date(data.written);
    const months = [];
    for (let i = 23; i >= 0; i--) months.push(new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - i, 1)).toISOString().slice(0, 7));
    const of = month => counts.months[numberOfMonth.get(month) ?? 0];
    const most = Math.max(1, ...months.map(of));
    months.forEach((month, i) => {
      const n = of(month);
      const height = n ? Math.max(1.5, (88 * n) / most) : 0;
      picture.append(svg('g', {}, svg('title', {}, `${month}: ${number(n)}`),
        svg('rect', { class: 'hit', x: i * step, y: 0, width: step, height: 98 }),
        svg('rect', { class: 'bar', x: i * step + 1, y: 98 - height, width: step - 2, height, rx: 1 })));
      if (i % 6 === 0) picture.append(svg('text', { x: i * step, y: 113 }, month));
    });
    picture.append(svg('text', { class: 'count', x: width - 1, y: 9 }, `most ${number(most)}`));
    return el('div', { class: 'chart' }, el('h3', {}, 'Created by month'), picture);
  }

  function drawCharts() {
    if ($('charts').hidden || !counts.passed) return;
    const focused = document.activeElement && $('charts').contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : '';
    $('charts').replaceChildren(bars('Services', 0),
      counts.passed[3].length > 1 && counts.passed[2].filter(n => n).length < 2 ? bars('Accounts', 3) : bars('Regions', 2), history());
    if (focused) {
      const again = [...$('charts').querySelectorAll('g[role=button]')].find(node => node.getAttribute('aria-label').split(':')[0] === focused.split(':')[0]);
      if (again) again.focus();
    }
  }

  function drawColumns() {
    const more = [...COLUMNS.map(c => [c.id, c.title]), ...tagKeys.slice(0, 100).map(k => [`tag:${k}`, `tag ${k}`])];
    $('columns-menu').replaceChildren(...more.map(([id, title]) =>
      el('label', { class: 'check' }, el('input', { type: 'checkbox', checked: state.columns.includes(id), 'data-column': id, onchange: e => {
        if (e.target.checked) state.columns.push(id);
        else if (state.columns.length > 1) state.columns = state.columns.filter(c => c !== id);
        const places = more.map(pair => pair[0]);
        state.columns.sort((a, b) => places.indexOf(a) - places.indexOf(b));
        drawColumns();
        drawHead();
        drawList();
        remember();
      } }), el('span', {}, title))));
  }

  // ------------------------------------------------------------------ details

  let links; // once they were needed
  async function relations() {
    if (!links) {
      const found = JSON.parse(await unpack('relations'));
      const from = new Map(), to = new Map();
      found.from.forEach((row, i) => {
        if (!from.has(row)) from.set(row, []);
        from.get(row).push(i);
        const target = found.to[i];
        if (target >= 0) {
          if (!to.has(target)) to.set(target, []);
          to.get(target).push(i);
        }
      });
      links = { found, from, to };
    }
    return links;
  }

  function copy(text, what) {
    const done = () => toast(`${what} copied`);
    const otherwise = () => {
      const area = el('textarea', { value: text });
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
      done();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, otherwise);
    else otherwise();
  }

  let toasting;
  function toast(text) {
    $('toast').textContent = show(text);
    $('toast').classList.add('on');
    clearTimeout(toasting);
    toasting = setTimeout(() => $('toast').classList.remove('on'), 1800);
  }

  function tree(value, depth, name) {
    const label = name === undefined ? [] : [el('span', { class: 'key' }, `${name}: `)];
    if (value && typeof value === 'object' && !(value instanceof Exact)) {
      const entries = Object.entries(value);
      const about = Array.isArray(value) ? `[${entries.length}]` : entries.length ? '' : '{}';
      if (!entries.length) return el('div', { class: 'leaf' }, ...label, about);
      const node = el('details', { open: depth < 2 || entries.length < 4 }, el('summary', {}, ...label, el('span', { class: 'key' }, about)));
      const fill = () => { if (node.childElementCount === 1) node.append(...entries.map(([k, v]) => tree(v, depth + 1, k))); };
      if (node.open) fill();
      else node.addEventListener('toggle', fill, { once: true });
      return node;
    }
    const kind = value instanceof Exact ? 'number' : typeof value === 'boolean' ? String(value) : typeof value;
    return el('div', { class: 'leaf' }, ...label, el('span', { class: kind }, value instanceof Exact ? value.text : value === null ? 'null' : String(value)));
  }

  /** A number that JavaScript would round. */
  class Exact {
    constructor(text) { this.text = text; }
  }
  const reading = (_, value, context) =>
    typeof value === 'number' && context && context.source && String(value) !== context.source ? new Exact(context.source) : value;

  let places; // of ids and ARNs, once they were needed; -1 for an id that several have
  /** The row that an id or ARN names; of several with this id the one in a place, {account, region, service, type}; else -1. */
  function find(text, place) {
    if (!places) {
      places = new Map();
      for (let row = 0; row < N; row++) {
        places.set(id(row), places.has(id(row)) ? -1 : row);
        if (arn(row)) places.set(arn(row), row);
      }
    }
    const found = places.get(text) ?? -2;
    if (found !== -1) return Math.max(-1, found);
    const of = { account, region, service, type };
    let one = -1;
    for (let row = 0; row < N; row++) {
      if (id(row) !== text || !Object.keys(of).every(field => !place[field] || place[field] === of[field](row))) continue;
      if (one >= 0) return -1;
      one = row;
    }
    return one;
  }

  function go(row) {
    active = shown.indexOf(row);
    if (active >= 0) reveal();
    detail(row);
    drawList();
  }

  function graph(row, names, namedBy) {
    const side = 8;
    const left = namedBy.slice(0, side), right = names.slice(0, side);
    if (!left.length && !right.length) return null;
    const height = Math.max(left.length, right.length, 1) * 30 + 8;
    const picture = svg('svg', { id: 'graph', viewBox: `0 0 420 ${height}`, role: 'group', 'aria-label': 'What names it, and what it names' });
    const middle = height / 2;
    const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + '…' : text);
    const place = (list, i) => (height - list.length * 30) / 2 + i * 30 + 15;
    left.forEach((link, i) => {
      const y = place(left, i);
      picture.append(svg('line', { x1: 128, y1: y, x2: 160, y2: middle }),
        svg('g', act(() => go(link.row)), svg('title', {}, link.label), svg('text', { x: 0, y: y + 1 }, cut(link.label, 20)), svg('text', { class: 'path', x: 0, y: y + 12 }, cut(link.path, 26))));
    });
    right.forEach((link, i) => {
      const y = place(right, i);
      const more = [svg('title', {}, link.label), svg('text', { x: 294, y: y + 1 }, cut(link.label, 20)), svg('text', { class: 'path', x: 294, y: y + 12 }, cut(link.path, 26))];
      picture.append(svg('line', { x1: 260, y1: middle, x2: 292, y2: y }), link.row >= 0 ? svg('g', act(() => go(link.row)), ...more) : svg('g', {}, ...more));
    });
    picture.append(svg('text', { x: 210, y: middle + 4, 'text-anchor': 'middle' }, cut(name(row), 15)));
    return picture;
  }

  let turn = 0;
  async function detail(row) {
    const mine = ++turn;
    state.open = row;
    remember();
    const panel = $('detail');
    panel.hidden = false;
    panel.replaceChildren(el('p', {}, 'Opening…'));
    const [text, { found, from, to }] = await Promise.all([documentOf(row), relations()]);
    if (mine !== turn) return;
    const fields = COLUMNS.filter(c => c.id !== 'tags' && c.id !== 'default' && c.value(row)).map(c => [c.title, c.value(row)]);
    if (isDefault[row]) fields.push(['Default', 'AWS made it']);
    const list = (all, most) => {
      const items = all.slice(0, most).map(link => el('li', {}, el('span', { class: 'sub' }, link.path + ' '),
        link.row >= 0 ? el('button', { class: 'link', onclick: () => go(link.row) }, link.label) : el('span', {}, link.label)));
      if (all.length > most) items.push(el('li', { class: 'sub' }, `and ${number(all.length - most)} more`));
      return el('ul', { class: 'links' }, ...items);
    };
    const full = r => `${type(r)} ${name(r)}` + (name(r) === id(r) ? '' : ` (${id(r)})`);
    const names = (from.get(row) || []).map(i => ({ path: found.paths[found.path[i]], row: found.to[i], label: found.to[i] >= 0 ? full(found.to[i]) : found.elsewhere[-1 - found.to[i]] }));
    const namedBy = (to.get(row) || []).map(i => ({ path: found.paths[found.path[i]], row: found.from[i], label: full(found.from[i]) }));
    const all = tags(row);
    const parts = [
      el('div', { class: 'top' }, el('h2', {}, name(row)), el('button', { onclick: closeDetail, 'aria-label': 'Close details', title: 'Close (Escape)' }, '✕')),
      el('p', { class: 'sub' }, `${service(row)} ${type(row)} in ${region(row)}`),
      el('div', { class: 'tools' },
        el('button', { onclick: () => copy(arn(row) || id(row), arn(row) ? 'ARN' : 'Id') }, arn(row) ? 'Copy ARN' : 'Copy id'),
        el('button', { onclick: () => copy(text, 'Document') }, 'Copy document'),
        el('button', { onclick: () => copy(location.href, 'Link') }, 'Copy link')),
      el('h3', {}, 'Resource'), el('dl', { class: 'fields' }, ...fields.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, ...marked(v))])),
      el('h3', {}, all.length ? `Tags (${all.length})` : 'No tags'),
      el('dl', { class: 'fields' }, ...all.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, ...marked(v))])),
    ];
    if (names.length || namedBy.length) {
      parts.push(el('h3', {}, 'Relations'), graph(row, names, namedBy));
      if (names.length) parts.push(el('h3', {}, `It names (${number(names.length)})`), list(names, 100));
      if (namedBy.length) parts.push(el('h3', {}, `Named by (${number(namedBy.length)})`), list(namedBy, 100));
    }
    parts.push(el('h3', {}, 'Document'));
    let shownTree;
    try {
      shownTree = tree(JSON.parse(text, reading), 0);
    } catch {
      shownTree = el('pre', {}, text);
    }
    parts.push(el('div', { class: 'tree' }, shownTree));
    panel.replaceChildren(...parts);
    panel.scrollTop = 0;
  }

  function closeDetail() {
    turn++;
    state.open = -1;
    $('detail').hidden = true;
    remember();
    $('list').focus({ preventScroll: true });
  }

  // ------------------------------------------------------------------ what was not seen

  function table(head, rows) {
    return el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, ...head.map(h => el('th', { scope: 'col' }, h)))),
      el('tbody', {}, ...rows.map(cells => el('tr', {}, ...cells.map(cell => el('td', {}, String(cell))))))));
  }

  // By operation: every account's scan leaves out the same.
  function notAsked() {
    const by = new Map();
    for (const [account, service, operation] of data.leftOut) {
      const call = `${service} ${operation}`;
      if (!by.has(call)) by.set(call, [service, operation, []]);
      by.get(call)[2].push(account);
    }
    if (!by.size) return [];
    const whose = accounts => accounts.length > 4 ? `${number(accounts.length)} accounts` : accounts.join(', ');
    return [
      el('h2', {}, by.size === 1 ? 'One operation was not asked, as no query needs it' : `${number(by.size)} operations were not asked, as no query needs them`),
      el('p', {}, 'No fault: freeway scan --details all asks.'),
      table(['Service', 'Operation', 'Accounts'], [...by.values()].map(([service, operation, accounts]) => [service, operation, whose(accounts)]))];
  }

  function drawLedger() {
    const unseen = data.unseen;
    const by = new Map();
    for (const entry of unseen) by.set(`${entry[4]} ${entry[5]}`.trim(), (by.get(`${entry[4]} ${entry[5]}`.trim()) || 0) + 1);
    $('ledger-view').replaceChildren(
      el('h2', {}, unseen.length ? `${number(unseen.length)} calls were not answered: what they would have shown may be missing` : 'Nothing was hidden: every call was answered'),
      ...(unseen.length ? [el('p', {}, [...by].map(([what, n]) => `${number(n)} × ${what}`).join(', ')),
        table(['Account', 'Region', 'Service', 'Operation', 'Outcome', 'Code', 'Calls', 'Message'], unseen.slice(0, 5000))] : []),
      ...(unseen.length > 5000 ? [el('p', {}, `and ${number(unseen.length - 5000)} more; freeway errors lists all`)] : []),
      ...notAsked(),
      el('h2', {}, 'Scans'),
      table(['Scan', 'Account', 'Started', 'Ended', 'Status', 'Services', 'Regions', 'Filter', 'Resources'],
        data.scans.map(s => [s.id, s.account, s.started, s.ended, s.status, s.services, s.regions, s.filter, s.resources])));
  }

  const VIEWS = ['rows', 'ledger', ...(served ? served.views.keys() : [])];
  let view = 'rows';
  function tab(name) {
    view = name;
    document.documentElement.dataset.view = name;
    for (const one of VIEWS) {
      $(`${one}-view`).hidden = one !== name;
      $(`tab-${one}`).setAttribute('aria-pressed', one === name);
    }
    if (name === 'rows') drawList();
    served?.views.get(name)?.shown();
    remember();
  }

  // ------------------------------------------------------------------ files

  const EXPORT = [['service', service], ['type', type], ['id', id], ['name', name], ['region', region], ['arn', arn],
    ['is_default', row => (isDefault[row] ? 'true' : 'false')], ['tags', row => tags(row).map(pair => pair.join('=')).join('; ')],
    ['account', account], ['parent', parent], ['created', created], ['first_seen', first], ['last_seen', last]];

  /** A spreadsheet would run what begins so. */
  function cell(text) {
    const safe = /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  }

  function save(parts, ending, kind) {
    saveFile(parts, `${file()}.${ending}`, kind);
    toast(`${number(shown.length)} resources exported`);
  }
  function saveFile(parts, download, kind) {
    const link = el('a', { href: URL.createObjectURL(new Blob(parts, { type: kind })), download });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  const file = () => `${data.accounts.map(pair => pair[0]).slice(0, 3).join('-') || 'freeway'}_inventory_filtered`;

  function exportCsv() {
    const lines = [EXPORT.map(pair => pair[0]).join(',') + '\r\n'];
    for (const row of shown) lines.push(EXPORT.map(([, value]) => cell(value(row))).join(',') + '\r\n');
    save(lines, 'csv', 'text/csv');
  }

  async function exportJson() {
    const rows = shown;
    const parts = ['[\n'];
    for (const [at, row] of rows.entries()) {
      const fields = Object.fromEntries(EXPORT.map(([k, value]) => [k, value(row)]));
      fields.is_default = isDefault[row] === 1;
      fields.tags = Object.fromEntries(tags(row));
      // The document goes as it is: no number is rounded on its way.
      parts.push(JSON.stringify(fields).slice(0, -1), ',"details":', await documentOf(row), at < rows.length - 1 ? '},\n' : '}\n');
    }
    parts.push(']\n');
    save(parts, 'json', 'application/json');
  }

  addEventListener('beforeprint', () => {
    const columns = state.columns.map(column);
    const rows = [...shown.subarray(0, PAPER_ROWS)];
    $('paper').replaceChildren(
      el('p', {}, `${summary()}${state.q ? `, search: ${state.q}` : ''}` + (shown.length > rows.length ? `; the first ${number(rows.length)} are printed` : '')),
      table(columns.map(c => c.title), rows.map(row => columns.map(c => c.value(row)))));
  });
  addEventListener('afterprint', () => $('paper').replaceChildren());

  // ------------------------------------------------------------------ the address

  function remember() {
    const to = new URLSearchParams();
    if (state.q) to.set('q', state.q);
    if (!state.deep) to.set('deep', '0');
    for (const facet of FACETS) for (const value of state.chosen[facet.id]) to.append(facet.id, value);
    if (state.tag) to.set('tag', state.tag);
    for (const value of state.tagValues) to.append('value', value === '\0' ? '\\missing' : value);
    if (state.defaults) to.set('default', state.defaults);
    if (state.sort) to.set('sort', state.sort);
    if (state.columns.join() !== USUAL.join()) to.set('columns', JSON.stringify(state.columns));
    if (state.open >= 0) to.set('r', key(state.open));
    if (view !== 'rows') to.set('view', view);
    served?.views.get(view)?.remember(to);
    const hash = '#' + to;
    if (location.hash !== hash && (location.hash || hash !== '#')) {
      try {
        globalThis.history.replaceState(null, '', hash === '#' ? location.pathname + location.search : hash);
      } catch { /* some browsers let a file have no history */ }
    }
  }

  function recall() {
    const from = new URLSearchParams(location.hash.slice(1));
    state.q = from.get('q') || '';
    state.deep = from.get('deep') !== '0';
    for (const facet of FACETS) state.chosen[facet.id] = new Set(from.getAll(facet.id).filter(value => facet.values.includes(value)));
    state.tag = tagKeys.includes(from.get('tag')) ? from.get('tag') : '';
    state.tagValues = new Set(state.tag ? from.getAll('value').map(value => (value === '\\missing' ? '\0' : value)) : []);
    state.defaults = ['without', 'only'].includes(from.get('default')) ? from.get('default') : '';
    const sort = from.get('sort') || '';
    state.sort = column(sort.replace(/^-/, '')) ? sort : '';
    try {
      const columns = JSON.parse(from.get('columns') || 'null');
      state.columns = Array.isArray(columns) && columns.every(c => typeof c === 'string' && column(c)) && columns.length ? columns : [...USUAL];
    } catch {
      state.columns = [...USUAL];
    }
    state.open = -1;
    $('search').value = state.q;
    $('deep').checked = state.deep;
    const wanted = from.get('r');
    let open = -1;
    for (let row = 0; wanted && open < 0 && row < N; row++) {
      if (wanted.endsWith(id(row)) && key(row) === wanted) open = row;
    }
    if (wanted && open < 0) toast('The linked resource is not in this report');
    drawHead();
    drawColumns();
    apply();
    if (open >= 0) go(open);
    else $('detail').hidden = true;
    const wantedView = from.get('view');
    served?.views.get(wantedView)?.recall(from);
    tab(VIEWS.includes(wantedView) ? wantedView : 'rows');
    if (state.q) searchDeep();
  }

  // ------------------------------------------------------------------ keys and hands

  function reveal() {
    const list = $('list');
    const height = rowHeight();
    const top = active * height;
    const room = list.clientHeight - headHeight();
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + room) list.scrollTop = top + height - room;
  }

  function move(to) {
    if (!shown.length) return;
    active = Math.max(0, Math.min(shown.length - 1, to));
    reveal();
    drawList();
    if (state.open >= 0) detail(shown[active]);
  }

  function theme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    try {
      localStorage.setItem('freeway-theme', root.dataset.theme);
    } catch { /* not kept */ }
  }

  function fold(section, button, open) {
    $(section).hidden = !open;
    $(button).setAttribute('aria-expanded', open);
    drawCharts();
    drawList();
  }
  const flip = (section, button) => fold(section, button, $(section).hidden);
  function filters(open) {
    $('facets').classList.toggle('open', open);
    $('filters-button').setAttribute('aria-expanded', open);
    if (open) $('facets').querySelector('select')?.focus();
  }

  function clear() {
    state.q = '';
    state.tag = '';
    state.tagValues.clear();
    state.defaults = '';
    for (const facet of FACETS) state.chosen[facet.id].clear();
    $('search').value = '';
    $('list').scrollTop = 0;
    deepTurn++;
    apply();
  }

  function escape() {
    if ($('facets').classList.contains('open')) filters(false);
    else if (state.open >= 0) closeDetail();
    else if (state.q) {
      $('search').value = '';
      searched();
    } else $('list').focus();
  }

  function searched() {
    state.q = $('search').value.trim();
    $('list').scrollTop = 0;
    active = -1;
    apply();
    searchDeep();
  }

  const KEYS = {
    '/': () => { tab('rows'); $('search').focus(); $('search').select(); },
    j: () => move(active + 1), ArrowDown: () => move(active + 1), k: () => move(active - 1), ArrowUp: () => move(active - 1),
    PageDown: () => move(active + Math.floor($('list').clientHeight / rowHeight())), PageUp: () => move(active - Math.floor($('list').clientHeight / rowHeight())),
    g: () => move(0), Home: () => move(0), G: () => move(shown.length - 1), End: () => move(shown.length - 1),
    Enter: () => { if (active >= 0) detail(shown[active]); },
    s: () => {
      const places = [...state.columns];
      const at = places.indexOf(state.sort.replace(/^-/, ''));
      state.sort = at + 1 < places.length ? places[at + 1] : '';
      drawHead();
      apply();
    },
    f: () => filters(!$('facets').classList.contains('open')), c: () => flip('charts', 'charts-button'),
    l: () => copy(location.href, 'Link'), e: exportCsv, t: theme, '?': () => $('help').showModal(),
    ...Object.fromEntries(VIEWS.map((name, i) => [i + 1, () => { if (!$(`tab-${name}`).hidden) tab(name); }])),
  };

  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || $('help').open) return;
    const at = document.activeElement;
    const typing = at && (at.tagName === 'SELECT' || at.tagName === 'TEXTAREA' || (at.tagName === 'INPUT' && at.type !== 'checkbox'));
    if (event.key === 'Escape' && view !== 'rows') {
      if (at) at.blur();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      escape();
    } else if (at === $('search') && (event.key === 'Enter' || event.key === 'ArrowDown')) {
      event.preventDefault();
      $('list').focus();
      move(0);
    } else if (!typing && KEYS[event.key] && (view === 'rows' || /^[0-9t?/l]$/.test(event.key))) {
      const control = at && ['BUTTON', 'SUMMARY', 'INPUT', 'A'].includes(at.tagName);
      if (control && event.key === 'Enter') return;
      // Arrows scroll the details while these have the focus.
      if ($('detail').contains(at) && !['j', 'k'].includes(event.key) && event.key.length > 1) return;
      event.preventDefault();
      KEYS[event.key]();
    }
  });

  $('search').addEventListener('input', searched);
  $('deep').addEventListener('change', event => { state.deep = event.target.checked; apply(); searchDeep(); });
  $('list').addEventListener('scroll', () => requestAnimationFrame(drawList));
  for (const name of VIEWS) $(`tab-${name}`).addEventListener('click', () => tab(name));
  $('filters-button').addEventListener('click', () => filters(!$('facets').classList.contains('open')));
  $('charts-button').addEventListener('click', () => flip('charts', 'charts-button'));
  $('columns-button').addEventListener('click', () => flip('columns-menu', 'columns-button'));
  $('clear').addEventListener('click', clear);
  $('csv').addEventListener('click', exportCsv);
  $('json').addEventListener('click', exportJson);
  $('print').addEventListener('click', () => print());
  $('theme').addEventListener('click', theme);
  $('help-button').addEventListener('click', () => $('help').showModal());
  $('copy-link').addEventListener('click', () => copy(location.href, 'Link'));
  document.addEventListener('pointerdown', event => {
    if ($('facets').classList.contains('open') && !$('facets').contains(event.target) && event.target !== $('filters-button')) filters(false);
  });
  addEventListener('hashchange', () => recall());
  addEventListener('resize', () => { drawCharts(); drawList(); });

  try {
    const kept = localStorage.getItem('freeway-theme');
    if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept;
  } catch { /* the system's */ }
  const who = data.accounts.map(([number, name]) => (name ? `${number} ${name}` : number)).slice(0, 4).join(', ');
  $('title').textContent = show(`Inventory of ${who || 'nothing'}${data.accounts.length > 4 ? ` and ${data.accounts.length - 4} more` : ''}`);
  document.title = $('title').textContent;
  const newest = data.scans[0];
  $('about').textContent = `${number(N)} resources, written ${data.written.slice(0, 16).replace('T', ' ')} UTC` +
    (newest ? `, last scan ${newest.started.slice(0, 16).replace('T', ' ')} UTC${newest.ended ? ` (${Math.round((new Date(newest.ended) - new Date(newest.started)) / 1000)} s)` : ''}` : '');
  $('tab-ledger').textContent = `Not seen (${number(data.unseen.length)})`;
  if (data.unseen.length) {
    alarm(`${number(data.unseen.length)} calls were refused or failed: this inventory may lack what they would have shown.`,
      el('button', { onclick: () => tab('ledger') }, 'Show them'));
  }
  if (PHONE.matches || innerHeight < 760) fold('charts', 'charts-button', false);
  drawLedger();
  served?.begin({ $, el, show, number, data, alias, cell, copy, toast, remember, saveFile, tab, find, open: row => { tab('rows'); clear(); go(row); } });
  recall();
  globalThis.readyAt = performance.now();
  document.documentElement.dataset.ready = 'yes';
  setTimeout(indexIdly, 50);
})().catch(error => {
  const at = document.getElementById('alert');
  at.textContent = `This report cannot be opened: ${error && error.message}`;
  at.hidden = false;
  console.error(error);
});
