// Drawing with the screen's frames.

/**
 * Makes NiiVue draw with the next frame, once however often it is asked to.
 *
 * @return what ends that: nothing is drawn any more
 */
export function drawWithFrames(niivue) {
  const draw = niivue.drawScene.bind(niivue);
  const resize = niivue.resizeListener.bind(niivue);
  let frame = 0;
  const now = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    draw();
  };
  niivue.drawScene = () => {
    frame ||= requestAnimationFrame(now);
  };
  niivue.resizeListener = () => {
    resize();
    if (frame) now(); // a canvas of a new size is empty, which nobody should see
  };
  return () => {
    cancelAnimationFrame(frame);
    niivue.drawScene = () => undefined;
  };
}
