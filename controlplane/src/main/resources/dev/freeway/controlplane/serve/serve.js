'use strict';
// What a server adds to the report's page: its parts by name, the scan that is looked at, and a tab for each thing that can be
// asked. What comes back is text and numbers, and goes into the page as text alone.
(() => {
  const scan = new URLSearchParams(location.search).get('scan') || '';
  let version = '';
  let page; // what page.js can do

  async function fault(response) {
    try {
      return (await response.json()).error;
    } catch {
      return `the server answers ${response.status}`;
    }
  }

  async function part(name) {
    const response = await fetch('part?' + new URLSearchParams(version ? { name, version } : { name, scan }));
    if (response.status === 410) {
      location.reload();
      return new Promise(() => {});
    }
    if (!response.ok) throw new Error(await fault(response));
    version ||= response.headers.get('X-Version');
    return response.text();
  }

  async function ask(what, members) {
    let response;
    try {
      response = await fetch(`api/${what}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...(scan ? { scan: Number(scan) } : {}), ...members }) });
    } catch {
      throw new Error('the server does not answer: is freeway serve still running?');
    }
    if (!response.ok) throw new Error(await fault(response));
    return response.json();
  }

  // ------------------------------------------------------------------ tables

  const STEP = 500;
  const SHORT = 28; // characters that stay on one line
  const PLACES = { account: ['account', 'account_id'], region: ['region'], service: ['service'], type: ['type'] };
  const NAMES = /(^|_)(id|arn|resource|target|parent|vpc|subnet|instance|volume)$/;

  const text = value => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value));

  function csv(table) {
    return [table.columns, ...table.rows].map(row => row.map(value => (typeof value === 'number' ? String(value) : page.cell(text(value)))).join(',') + '\r\n');
  }
  const json = table => [JSON.stringify(table.rows.map(row => Object.fromEntries(table.columns.map((c, i) => [c, row[i]]))), null, 2) + '\n'];

  function cut(table) {
    if (table.cut === 'rows') return 'cut off: there are more rows';
    if (table.cut === 'size') return 'cut off: the rows would fill the memory';
    if (table.cut === 'time') return 'cut off: the time was over';
    return '';
  }

  function tableNode(table, file, title) {
    const { el, number, saveFile } = page;
    let rows = table.rows;
    let most = STEP;
    let by = -1, down = false;
    const at = Object.entries(PLACES).map(([field, names]) => [field, table.columns.findIndex(c => names.includes(c))]).filter(([, i]) => i >= 0);
    const numbers = table.columns.map((_, i) => table.rows.length > 0 && table.rows.every(row => row[i] === null || typeof row[i] === 'number') && table.rows.some(row => row[i] !== null));
    const body = el('tbody', {});
    const head = el('tr', {});
    const more = el('button', { onclick: () => { most += STEP; draw(); } }, 'Show more');

    function cell(row, i) {
      const value = row[i];
      if (value === null) return el('td', { class: 'none' }, 'null');
      if (typeof value === 'number') return el('td', { class: numbers[i] ? 'number' : '' }, String(value));
      const said = text(value);
      if (said && said.length < 2048 && (NAMES.test(table.columns[i]) || said.startsWith('arn:'))) {
        const found = page.find(said, Object.fromEntries(at.map(([field, j]) => [field, row[j]])));
        if (found >= 0) return el('td', { class: said.length <= SHORT ? 'short' : '' }, el('button', { class: 'link', onclick: () => page.open(found) }, said));
      }
      if (said.length < 240) return el('td', { class: said.length <= SHORT ? 'short' : '' }, said);
      const long = el('div', { class: 'long', title: 'the whole text', onclick: () => long.classList.toggle('open') }, said);
      return el('td', {}, long);
    }

    function draw() {
      head.replaceChildren(...table.columns.map((name, i) => el('th', { scope: 'col', 'aria-sort': by !== i ? 'none' : down ? 'descending' : 'ascending' },
        el('button', { type: 'button', onclick: () => sort(i) }, name + (by !== i ? '' : down ? ' ▼' : ' ▲')))));
      body.replaceChildren(...rows.slice(0, most).map(row => el('tr', {}, ...row.map((_, i) => cell(row, i)))));
      more.hidden = rows.length <= most;
    }

    function sort(i) {
      [by, down] = by !== i ? [i, false] : !down ? [i, true] : [-1, false];
      const order = (a, b) => {
        if (a[by] === b[by]) return 0;
        if (a[by] === null || b[by] === null) return a[by] === null ? 1 : -1;
        return (a[by] < b[by]) === down ? 1 : -1;
      };
      rows = by < 0 ? table.rows : [...table.rows].sort(order);
      draw();
    }

    draw();
    const count = table.rows.length;
    return [
      el('div', { class: 'said', role: 'status' }, el('b', {}, title || `${number(count)} row${count === 1 ? '' : 's'}`), cut(table),
        el('span', { class: 'end' },
          el('button', { type: 'button', onclick: () => saveFile(csv(table), `${file}.csv`, 'text/csv') }, 'CSV'),
          el('button', { type: 'button', onclick: () => saveFile(json(table), `${file}.json`, 'application/json') }, 'JSON'))),
      ...(count ? [el('div', { class: 'scroll', tabindex: 0 }, el('table', {}, el('thead', {}, head), body)), more] : []),
    ];
  }

  // ------------------------------------------------------------------ views

  /** A tab with a form and what came of it. It asks when it is first shown, if it can without being told what. */
  function view(name, { fields, button, members, shown, first = true, filled = () => {}, kept = () => true }) {
    const { $, el } = page;
    const result = el('div', { class: 'result' });
    const run = el('button', { class: 'run', type: 'submit' }, button);
    const form = el('form', { 'aria-label': name, onsubmit: event => { event.preventDefault(); go(); } }, ...fields, run);
    $(`${name}-view`).replaceChildren(form, result);
    let turn = 0;
    let asked = false;

    async function go() {
      const mine = ++turn;
      asked = true;
      page.remember();
      run.disabled = true;
      const began = performance.now();
      result.replaceChildren(el('p', { class: 'said' }, 'Asking…'));
      try {
        const answer = await ask(...members(form));
        if (mine === turn) result.replaceChildren(...shown(answer, Math.round(performance.now() - began)));
      } catch (error) {
        if (mine === turn) result.replaceChildren(el('p', { class: 'fault', role: 'alert' }, error.message));
      }
      if (mine === turn) {
        run.disabled = false;
        $(`${name}-view`).dataset.asked = mine;
      }
    }

    const named = () => [...form.elements].filter(one => one.name);
    const made = {
      form,
      go,
      remember(to) {
        for (const one of named().filter(kept)) {
          if (one.type === 'checkbox' ? one.checked : one.value && one.value !== one.dataset.usual) to.set(`${name}.${one.name}`, one.type === 'checkbox' ? '1' : one.value);
        }
      },
      recall(from) {
        filled(from);
        for (const one of named()) {
          const value = from.get(`${name}.${one.name}`);
          if (one.type === 'checkbox') one.checked = value === '1';
          else if (value !== null) one.value = value;
        }
      },
      shown() {
        if (!asked && first) go();
        else if (!asked) form.elements[0].focus();
      },
    };
    views.set(name, made);
    return made;
  }

  const views = new Map(['ask', 'query', 'changes', 'waste', 'tags', 'calls'].map(name => [name, { remember() {}, recall() {}, shown() {} }]));

  function field(title, control, wide) {
    return page.el('label', { class: wide ? 'wide' : '' }, title, control);
  }
  const input = (name, value, more) => page.el('input', { name, value, autocomplete: 'off', spellcheck: false, 'data-usual': value, ...more });
  const box = (name, title) => page.el('label', { class: 'box' }, page.el('input', { type: 'checkbox', name }), title);
  function select(name, values, usual = '') {
    return page.el('select', { name, 'data-usual': usual }, ...values.map(([value, label]) => page.el('option', { value, selected: value === usual }, label)));
  }

  const one = (form, name) => (form.elements[name].value ? [form.elements[name].value] : []);
  const many = (form, name) => form.elements[name].value.split(',').map(word => word.trim()).filter(Boolean);

  function begin(what) {
    page = what;
    const { $, el, data, number, alias } = page;
    const first = new URLSearchParams(location.hash.slice(1)); // before anybody writes there
    const accounts = () => select('account', [['', 'all'], ...data.accounts.map(([id, name]) => [id, name ? `${id} ${name}` : id])]);
    const of = at => [['', 'all'], ...[...new Set(data.scopes.map(at))].sort().map(value => [value, value])];
    const services = () => select('service', of(s => s[1]));
    const regions = () => select('region', of(s => s[2]));
    const titled = s => `scan ${s.id}: ${s.started.slice(0, 16).replace('T', ' ')} ${alias.get(s.account) || s.account}${s.status === 'complete' ? '' : `, ${s.status}`}`;

    $('scan-picker').replaceChildren(el('option', { value: '' }, 'now'), ...data.scans.map(s => el('option', { value: s.id, selected: String(s.id) === scan }, titled(s))));
    $('scan-picker').addEventListener('change', event => {
      location.assign((event.target.value ? `?scan=${event.target.value}` : location.pathname) + location.hash);
    });
    const picked = data.scans.find(s => String(s.id) === scan);
    if (picked) {
      // The page's own line about itself comes after this.
      setTimeout(() => { $('about').textContent = `${number(data.rows)} resources as scan ${picked.id} left them, ${picked.started.slice(0, 16).replace('T', ' ')} UTC`; });
    }

    // Ask
    const question = input('question', '', { type: 'search', placeholder: 'which security groups are open to the world' });
    const asking = view('ask', {
      fields: [field('A question in English', question, true), field('Account', accounts())],
      button: 'Ask',
      first: false,
      members: form => ['ask', { question: question.value, account: one(form, 'account') }],
      shown: answer => (answer.understood
        ? [el('p', { class: 'sentence' }, answer.interpretation), el('details', { class: 'sql' }, el('summary', {}, 'SQL'), el('pre', {}, answer.sql),
          el('button', { type: 'button', onclick: () => { choose(''); sql.value = answer.sql; page.tab('query'); } }, 'Change it')), ...tableNode(answer, 'freeway-answer')]
        : [el('p', { class: 'fault', role: 'alert' }, answer.interpretation), ...(answer.nearest.length ? [el('p', { class: 'said' }, 'Nearest questions:'),
          el('div', { class: 'nearest' }, ...answer.nearest.map(near => el('button', { type: 'button', onclick: () => { question.value = near; asking.go(); } }, near)))] : [])]),
    });

    // Query
    let queries = [];
    const sql = el('textarea', { name: 'sql', spellcheck: false, 'aria-label': 'SQL', 'data-usual': '', placeholder: 'SELECT service, type, count(*) AS n FROM resources WHERE is_current = 1 GROUP BY 1, 2 ORDER BY n DESC' });
    const named = select('name', [['', 'a query of your own']]);
    const note = el('p', { class: 'note', hidden: true });
    const parameters = el('span', { class: 'parameters' });
    parameters.style.display = 'contents';
    const query = view('query', {
      kept: one => one !== sql || !queries.some(q => q.name === named.value && q.sql === sql.value),
      fields: [field('Named query', named), note, parameters, field('SQL: one SELECT; nothing can be changed by it', sql, true)],
      button: 'Run',
      first: false,
      filled: from => choose(from.get('query.name') || ''),
      members: () => {
        const known = queries.find(q => q.name === named.value);
        const own = !known || known.sql !== sql.value;
        const values = {};
        for (const one of parameters.querySelectorAll('input')) {
          const name = one.name.slice(2);
          if (own ? new RegExp(`:${name}\\b`).test(sql.value) : one.value !== '') values[name] = one.value === '' ? null : one.value;
        }
        return ['query', own ? { sql: sql.value, parameters: values } : { name: known.name, parameters: values }];
      },
      shown: (answer, took) => tableNode(answer, named.value || 'freeway-query', `${number(answer.rows.length)} row${answer.rows.length === 1 ? '' : 's'} in ${number(took)} ms`),
    });
    function choose(name) {
      const known = queries.find(q => q.name === name);
      named.value = known ? name : '';
      note.hidden = !known;
      note.textContent = known ? known.description : '';
      parameters.replaceChildren(...(known ? Object.entries(known.parameters).map(([key, usual]) =>
        field(key, input(`p.${key}`, usual && usual.length < 120 ? usual : '', { placeholder: usual ? usual.slice(0, 40) : 'any' }))) : []));
      if (known) sql.value = known.sql;
    }
    named.addEventListener('change', () => {
      choose(named.value);
      if (named.value) query.go();
      else sql.value = '';
    });
    sql.addEventListener('keydown', event => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        query.go();
      }
    });

    // Changes
    const theirs = picked ? data.scans.filter(s => s.account === picked.account && s.id < picked.id)[0] : null;
    const points = el('datalist', { id: 'points' }, ...['1d', '7d', '30d', 'yesterday'].map(value => el('option', { value })),
      ...data.scans.slice(0, 50).map(s => el('option', { value: `scan ${s.id}`, label: titled(s) })));
    const point = (name, value, placeholder) => input(name, value, { placeholder, size: 22 });
    const from = point('from', theirs ? `scan ${theirs.id}` : '', 'before the newest scan');
    const to = point('to', picked ? `scan ${picked.id}` : '', 'now');
    for (const control of [from, to]) control.setAttribute('list', 'points');
    view('changes', {
      fields: [points, field('From', from), field('To', to), field('Change', select('change', [['all', 'all'], ['added', 'added'], ['removed', 'removed'], ['modified', 'modified']], 'all')),
        field('Account', accounts()), field('Service', services()), field('Region', regions()), box('ignoreTags', 'ignore tags')],
      button: 'Compare',
      members: form => ['diff', { from: from.value, to: to.value, change: form.elements.change.value, account: one(form, 'account'), service: one(form, 'service'),
        region: one(form, 'region'), ignoreTags: form.elements.ignoreTags.checked }],
      shown: answer => tableNode(answer, 'freeway-changes',
        `${number(answer.summary.added)} added, ${number(answer.summary.removed)} removed, ${number(answer.summary.modified)} modified since ${[...new Set(Object.values(answer.since))].map(time => time.slice(0, 16).replace('T', ' ')).slice(0, 3).join(', ')} UTC`),
    });

    // Waste
    const rules = select('rule', [['', 'all']]);
    view('waste', {
      fields: [field('Rule', rules), field('Account', accounts()), field('Snapshots and images older than, days', input('days', '90', { type: 'number', min: 0, max: 36500 })), box('defaults', 'what AWS made, too')],
      button: 'Look',
      members: form => ['waste', { rule: one(form, 'rule'), account: one(form, 'account'), days: Number(form.elements.days.value || 90), defaults: form.elements.defaults.checked }],
      shown: answer => [...tableNode(answer, 'freeway-waste', `${number(answer.rows.length)} resources, price unknown`),
        ...(answer.unseen ? [el('p', { class: 'note' }, `${number(answer.unseen)} calls were refused or failed: more may be unused.`)] : [])],
    });

    // Tags
    view('tags', {
      fields: [field('Required tags, with commas between', input('required', '', { placeholder: 'any tag' })), field('Account', accounts()), field('Service', services()), field('Region', regions()), box('defaults', 'what AWS made, too')],
      button: 'Check',
      members: form => ['tags', { required: many(form, 'required'), account: one(form, 'account'), service: one(form, 'service'), region: one(form, 'region'), defaults: form.elements.defaults.checked }],
      shown: answer => {
        const [, , good, all, percent] = answer.shares.rows[0];
        return [...tableNode(answer.shares, 'freeway-tags', `${number(good)} of ${number(all)} resources: ${percent} %`), el('h3', {}, 'Without'), ...tableNode(answer, 'freeway-untagged')];
      },
    });

    // Calls
    view('calls', {
      fields: [field('Scan', select('scan', data.scans.map(s => [String(s.id), titled(s)]), scan || String(data.scans[0]?.id ?? ''))), box('all', 'calls that went well, too')],
      button: 'Show',
      members: form => ['errors', { scan: Number(form.elements.scan.value), all: form.elements.all.checked }],
      shown: answer => tableNode(answer, `freeway-calls-${answer.scan}`),
    });

    ask('queries', {}).then(answer => {
      queries = answer.queries;
      named.append(...queries.map(q => el('option', { value: q.name, title: q.description }, q.name)));
      rules.append(...answer.rules.map(rule => el('option', { value: rule.name, title: rule.description }, rule.name)));
      rules.value = first.get('waste.rule') || '';
      if (first.get('query.name')) {
        query.recall(first);
        // What is by name is known; what a link's SQL does is for its reader to see first.
        const known = queries.find(q => q.name === named.value);
        if (known && known.sql === sql.value && first.get('view') === 'query') query.go();
      }
      document.documentElement.dataset.asking = 'yes';
    }, error => page.toast(error.message));
  }

  globalThis.freeway = { part, views, begin };
})();
