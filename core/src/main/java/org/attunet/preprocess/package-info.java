/**
 * Preprocessing of images for a network and its inversion: orientation, resampling, normalisation.
 *
 * <pre>{@code
 * Preprocessing preprocessing = Preprocessing.of(1, new Normalisation.ZScore())
 *         .withCanonicalOrientation(true)
 *         .withTargetSpacing(new double[] {1, 1, 1});
 * Image scan = Images.read(Path.of("scan.nii.gz"));
 * Prepared prepared = preprocessing.prepare(scan);
 * System.out.println(scan.grid() + " becomes " + prepared.image().grid());
 * preprocessing.spacingWarnings(scan.grid()).forEach(System.err::println);
 * LabelMap truth = Images.readLabels(Path.of("mask.nii.gz"));
 * LabelMap target = preprocessing.prepareLabels(truth); // on the prepared grid
 * System.out.println(target.values());
 * }</pre>
 */
package org.attunet.preprocess;
