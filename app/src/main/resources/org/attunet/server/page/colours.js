// The colours of labels and of heat maps.

/**
 * Colours that colour-blind people can distinguish (after Okabe and Ito), lightened for a dark background. The first one
 * doesn't occur in heat maps.
 */
const LABELS = ['#2fd39b', '#f5a524', '#56b4e9', '#f7e463', '#ef6f3c', '#d88bc4', '#8f9cff', '#c4d46a'];

/** The colours of objects by their index from 1; the last is that of the chosen one. */
export const OBJECTS = [...LABELS, '#ffffff'];

/** How strongly objects are filled within their outlines, 0 to 1. */
export const FILL = 0.25;

/** Returns a colour table of OBJECTS. */
export const objectTable = (wanted) => labelTable(OBJECTS.map((colour, k) => ({ value: k + 1, name: '', colour, wanted })));

/** Returns the initial colour of the k-th label. */
export const labelColour = (k) => LABELS[k % LABELS.length];

/** [245, 165, 36] of #f5a524. */
export const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** Returns a colour table by label value: wanted labels in their colours, all others transparent. */
export function labelTable(labels) {
  const shown = [{ value: 0, name: '', colour: '#000000', alpha: 0 }];
  for (const label of labels) shown.push({ ...label, alpha: label.wanted ? 255 : 0 });
  shown.sort((a, b) => a.value - b.value);
  const channel = (at) => shown.map((label) => rgb(label.colour)[at]);
  return {
    R: channel(0),
    G: channel(1),
    B: channel(2),
    A: shown.map((label) => label.alpha),
    I: shown.map((label) => label.value),
    labels: shown.map((label) => label.name),
  };
}

/** Returns a colour table for surfaces: the k-th label has the number k + 1. */
export function surfaceTable(labels) {
  const colours = [[0, 0, 0], ...labels.map((label) => rgb(label.colour))];
  const channel = (at) => colours.map((colour) => colour[at]);
  return {
    R: channel(0),
    G: channel(1),
    B: channel(2),
    A: colours.map((_, k) => (k === 0 ? 0 : 255)),
    I: colours.map((_, k) => k),
    labels: colours.map((_, k) => String(k)),
  };
}

/** NiiVue's colour map for heat maps; style.css repeats it for the legend. */
export const HEAT = 'inferno';

/** Colours of it at equal steps. */
const INFERNO = ['#000004', '#280b54', '#65156e', '#9f2a63', '#d44842', '#f57d15', '#fac127', '#fcffa4'].map(rgb);

/** Returns the colour of the heat map at a share of its range, 0 to 1. */
export function heatColour(share) {
  const at = share * (INFERNO.length - 1);
  const k = Math.min(INFERNO.length - 2, Math.floor(at));
  return INFERNO[k].map((low, channel) => low + (INFERNO[k + 1][channel] - low) * (at - k));
}
