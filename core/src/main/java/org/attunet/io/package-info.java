/**
 * Files and streams to images and back: NIfTI, PNG, JPEG, TIFF, BMP; arrays, JSON and YAML; atomic writes.
 *
 * <pre>{@code
 * Image scan = Images.read(Path.of("scan.nii.gz"));
 * try (InputStream in = new URL("https://example.org/cells.png").openStream()) {
 *     Image cells = Images.read(in, ImageFormat.PNG).withSpacing(LengthUnit.MICROMETRE, 0.5, 0.5);
 *     Images.write(cells, Path.of("cells.tif"));
 * }
 * BufferedImage picture = ImageIO.read(new File("photo.jpg"));
 * Image photo = Images.of(picture); // channels 0, 1, 2: red, green, blue
 * LabelMap mask = Images.readLabels(Path.of("mask.png"));
 * Images.write(mask, System.out, ImageFormat.NIFTI_GZ);
 * System.out.println(scan.grid() + ", " + photo.channels().length + " channels");
 * }</pre>
 */
package org.attunet.io;
