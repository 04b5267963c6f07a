// The choice between NiiVue, which needs WebGL 2, and flat slices, which any browser shows.

const SCRIPT = '/page/niivue.umd.js';

let loading = null;

function script(src) {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${src} can’t be loaded`));
    element.src = src;
    document.head.append(element);
  });
}

function hasWebGL2() {
  const gl = document.createElement('canvas').getContext('webgl2');
  gl?.getExtension('WEBGL_lose_context')?.loseContext(); // browsers have few
  return gl !== null;
}

async function choose() {
  let lack = 'this browser has no WebGL 2';
  if (hasWebGL2()) {
    try {
      await script(SCRIPT);
      return { Scan: (await import('./scan.js')).Scan, lack: '' };
    } catch (failure) {
      lack = failure.message;
    }
  }
  return { Scan: (await import('./flat.js')).FlatScan, lack };
}

/** Loads what draws scans: the class, and what is lacking for all views, or an empty string. */
export const graphics = () => (loading ??= choose());
