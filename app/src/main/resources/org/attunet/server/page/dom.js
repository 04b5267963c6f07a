// Small words for the document, so that the other files read as what they show.

/** The element of an id. */
export const $ = (id) => document.getElementById(id);

/** An element with properties and children; texts become text nodes, so nothing that a file or a model says is markup. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An option of a select. */
export const option = (value, text) => make('option', { value, textContent: text });

/** An action that is done once a frame at most, however often it is asked for: sliders ask more often than can be drawn. */
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

/** A volume with as many digits as it is known to. */
export function millilitres(number) {
  const size = Math.abs(number);
  return number.toFixed(size < 10 ? 3 : size < 100 ? 2 : 1);
}

/** 0.24 s, 12 s, 3 min */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** With a sign, and a true minus. */
export const signed = (text) => (text.startsWith('-') ? `−${text.slice(1)}` : `+${text}`);
