// The keyboard shortcuts, which the help in index.html describes.

import { $ } from './dom.js';

const MOVES = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  ArrowDown: [0, -1, 0],
  ArrowUp: [0, 1, 0],
  PageDown: [0, 0, -1],
  PageUp: [0, 0, 1],
};

const VIEWS = { p: 'planes', x: 'axial', c: 'coronal', s: 'sagittal', v: 'solid' };

/** Whether an element handles the key itself. */
function takesKeys(element, key) {
  if (element.closest('dialog')) return true;
  if (element.matches('select, textarea, input:not([type=checkbox])')) return true;
  return key === ' ' && element.matches(':focus-visible:is(button, summary, a, input)'); // not if a click has focused it
}

/** Listens for keys and disables NiiVue's own shortcuts. */
export function listen(stage, findings) {
  const act = (key) => {
    if (key === '?') return () => $('help').showModal();
    if (!stage.shown) return null;
    if (key in MOVES) return () => stage.move(...MOVES[key]);
    if (/^[1-9]$/.test(key)) return () => findings.toggle(Number(key) - 1);
    if (key in VIEWS) return stage.flat ? null : () => stage.show(VIEWS[key]);
    return { a: () => findings.attention(), m: () => findings.mask(), o: () => findings.objects.show(), n: () => findings.objects.step(1), b: () => findings.objects.step(-1), ' ': () => stage.overlay() }[key] ?? null;
  };
  addEventListener(
    'keydown',
    (event) => {
      const onCanvas = event.target instanceof HTMLCanvasElement;
      if (onCanvas && event.key !== 'Tab') event.stopPropagation();
      if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target, event.key)) return;
      const action = act(event.key);
      if (!action) return;
      event.preventDefault();
      action();
    },
    true,
  );
  addEventListener('keyup', (event) => event.target instanceof HTMLCanvasElement && event.stopPropagation(), true);
}
