/** The script and the look of the page of labels to check. */

export const REVIEW_STYLE = `
.bar { position: sticky; top: 0; display: flex; gap: 18px; align-items: center; background: var(--ground); border-bottom: 1px solid var(--line); padding: 10px 0; margin-bottom: 12px; z-index: 1; }
.card:focus, .card:focus-within { outline: 2px solid var(--accent); outline-offset: 1px; }
.card[data-decision] { opacity: 0.62; } .card[data-decision]:focus, .card[data-decision]:focus-within { opacity: 1; }
.card[data-decision=keep] { border-left: 4px solid var(--right); } .card[data-decision=relabel] { border-left: 4px solid var(--accent); } .card[data-decision=remove] { border-left: 4px solid var(--wrong); }
.card[data-decision=keep] [data-decision=keep], .card[data-decision=relabel] [data-decision=relabel], .card[data-decision=remove] [data-decision=remove] { border-color: var(--accent); font-weight: 600; }
.choices { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 8px; }
.undecided .card[data-decision] { display: none; }
`;

export const REVIEW_SCRIPT = `
(() => {
  const { target, key } = JSON.parse(document.getElementById('facts').textContent);
  const cards = [...document.querySelectorAll('.card')];
  const grid = document.getElementById('cards');
  const made = new Map();
  const stored = () => { try { return JSON.parse(localStorage.getItem(key) ?? '[]'); } catch { return []; } };
  const store = () => { try { localStorage.setItem(key, JSON.stringify([...made.values()])); } catch { /* a page without storage still saves */ } };
  const counts = () => {
    const of = (decision) => [...made.values()].filter((each) => each.decision === decision).length;
    document.getElementById('counts').textContent = of('keep') + ' kept, ' + of('relabel') + ' changed, ' + of('remove') + ' removed, ' + (cards.length - made.size) + ' undecided';
  };
  const show = (card) => {
    const own = made.get(card.dataset.id);
    if (own === undefined) delete card.dataset.decision;
    else card.dataset.decision = own.decision;
  };
  const decide = (card, decision) => {
    const { id, given } = card.dataset;
    if (decision === undefined) made.delete(id);
    else made.set(id, { id, given, decision, ...(decision === 'relabel' ? { label: card.querySelector('select').value } : {}) });
    show(card); store(); counts();
  };
  const isShown = (card) => !grid.classList.contains('undecided') || card.dataset.decision === undefined;
  const move = (card, step) => {
    for (let i = cards.indexOf(card) + step; i >= 0 && i < cards.length; i += step) {
      if (isShown(cards[i])) { cards[i].focus(); cards[i].scrollIntoView?.({ block: 'nearest' }); return; }
    }
  };
  const save = () => {
    const decisions = cards.flatMap((card) => made.get(card.dataset.id) ?? []);
    const text = JSON.stringify({ format: 1, kind: 'label-decisions', target, decisions }, null, 2) + '\\n';
    const link = document.createElement('a');
    link.download = 'decisions.json';
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => { URL.revokeObjectURL(link.href); }, 1000);
  };
  for (const { id, decision, label, given } of stored()) {
    const card = cards.find((each) => each.dataset.id === id && each.dataset.given === given);
    if (card === undefined) continue;
    if (label !== undefined) card.querySelector('select').value = label;
    made.set(id, { id, given, decision, ...(label === undefined ? {} : { label }) });
    show(card);
  }
  grid.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button === null) return;
    const card = button.closest('.card');
    decide(card, card.dataset.decision === button.dataset.decision ? undefined : button.dataset.decision);
  });
  grid.addEventListener('change', (event) => { decide(event.target.closest('.card'), 'relabel'); });
  document.getElementById('open').addEventListener('change', (event) => { grid.classList.toggle('undecided', event.target.checked); });
  document.getElementById('save').addEventListener('click', save);
  const KEYS = { k: 'keep', c: 'relabel', r: 'remove', u: undefined };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === 'SELECT') return;
    if (event.key === 's') { save(); return; }
    const card = document.activeElement?.closest('.card');
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      event.preventDefault();
      if (card) move(card, event.key === 'ArrowRight' ? 1 : -1);
      else move(undefined, 1);
      return;
    }
    if (!card || !(event.key in KEYS)) return;
    const next = cards[cards.indexOf(card) + 1];
    decide(card, KEYS[event.key]);
    if (event.key !== 'u' && next) move(card, 1);
  });
  counts();
})();
`;
