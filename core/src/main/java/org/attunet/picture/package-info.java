/**
 * Images and masks as pictures: windows, label colours, heat colours, overlays.
 *
 * <pre>{@code
 * Image scan = Images.read(Path.of("scan.nii.gz"));
 * LabelMap mask = Images.readLabels(Path.of("mask.nii.gz"));
 * Window window = Window.of(scan); // one for all slices
 * for (int z = 0; z < scan.grid().size(2); z++) {
 *     BufferedImage overlay = Pictures.overlay(scan.slice(2, z), mask.slice(2, z), window);
 *     ImageIO.write(overlay, "png", new File("slice" + z + ".png"));
 * }
 * BufferedImage indexed = Pictures.mask(mask.slice(2, 0)); // the palette's numbers are the labels
 * BufferedImage grey = Pictures.of(scan.slice(1, 30), new Window(-160, 240));
 * System.out.println(grey.getWidth() + " x " + indexed.getHeight());
 * }</pre>
 */
package org.attunet.picture;
