// The crosshair and the letters of directions, drawn so that they can be seen on any image.

const CROSSHAIR = 1.6; // its width in pixels of the page
const RIM = [0, 0, 0, 1];
const AROUND = [-1.5, 0, 1.5].flatMap((x) => [-1.5, 0, 1.5].map((y) => [x, y]));

/** Makes NiiVue draw the crosshair in one width on the screen whatever the zoom, and letters with a dark rim. */
export function mark(niivue) {
  const crosshair = niivue.drawCrosshairs3D.bind(niivue);
  niivue.drawCrosshairs3D = (...how) => {
    const tile = niivue.screenSlices.at(-1);
    const flat = how[3]; // else the 3D view
    const { opts } = niivue;
    const width = flat && tile ? (CROSSHAIR * devicePixelRatio * Math.abs(tile.fovMM[0])) / tile.leftTopWidthHeight[2] : 0;
    if (width > 0 && opts.crosshairWidth > 0 && Math.abs(width / opts.crosshairWidth - 1) > 0.01) {
      opts.crosshairWidth = width;
      if (niivue.crosshairs3D) niivue.crosshairs3D.mm[0] = NaN; // NiiVue builds it again
    }
    return crosshair(...how);
  };
  const text = niivue.drawText.bind(niivue);
  niivue.drawText = (at, letters, scale, colour) => {
    for (const [x, y] of AROUND) text([at[0] + x, at[1] + y], letters, scale, RIM);
    text([...at], letters, scale, colour);
  };
}
