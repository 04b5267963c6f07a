/**
 * Failures that a user can act on: each names its subject, what was found, what was expected and the remedy.
 *
 * <pre>{@code
 * try {
 *     Image image = Images.read(Path.of("scan.nii.gz"));
 *     System.out.println(image.grid());
 * } catch (TooLargeException e) {
 *     System.err.println("a smaller image, please: " + e.getMessage());
 * } catch (AttunetException e) {
 *     System.err.println("file:     " + e.subject());
 *     System.err.println("found:    " + e.found());
 *     System.err.println("expected: " + e.expected());
 *     System.err.println("remedy:   " + e.remedy());
 * }
 * }</pre>
 */
package org.attunet.error;
