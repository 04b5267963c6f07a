// Small functions for the document and for numbers as text.

/** Returns the element of an id. */
export const $ = (id) => document.getElementById(id);

/** Creates an element. Texts become text nodes, so text from files and models is never markup. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Creates an option of a select. */
export const option = (value, text) => make('option', { value, textContent: text });

/** Limits an action to once per frame: sliders fire more often than the screen is drawn. */
export function onceAFrame(action) {
  let frame = 0;
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      action();
    });
  };
}

const GROUPED = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 12,345 */
export const whole = (number) => GROUPED.format(number);

/** Formats a volume with its significant digits. */
export function millilitres(number) {
  const size = Math.abs(number);
  return number.toFixed(size < 10 ? 3 : size < 100 ? 2 : 1);
}

/** 0.24 s, 12 s, 3 min */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** Adds a sign, with a true minus. */
export const signed = (text) => (text.startsWith('-') ? `−${text.slice(1)}` : `+${text}`);
