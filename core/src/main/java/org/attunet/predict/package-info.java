/**
 * Segmentation of whole images with a trained network: preprocessing, tiles within a memory budget, mirror images, ensembles,
 * and results on the image's own grid.
 *
 * <pre>{@code
 * try (Segmenter segmenter = Segmenter.open(Path.of("model.zip"))) {
 *     SegmenterOptions options = SegmenterOptions.defaults().withUncertainty(true);
 *     for (Path file : Images.list(Path.of("scans"))) {
 *         Image image = Images.read(file);
 *         Segmentation result = segmenter.segment(image, options);
 *         System.out.println(file + ": " + result);
 *         Images.write(result.labels(), Path.of("masks", Images.stem(file) + ".nii.gz"));
 *         Images.write(result.entropy(), Path.of("masks", Images.stem(file) + "_entropy.nii.gz"));
 *     }
 * }
 * }</pre>
 */
package org.attunet.predict;
