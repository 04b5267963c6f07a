/**
 * Voxels with their geometry: {@link org.attunet.image.Grid}, {@link org.attunet.image.Image}, label maps and sets.
 *
 * <pre>{@code
 * Grid grid = Grid.of(new int[] {64, 64, 20}, new double[] {0.7, 0.7, 3}); // x, y, z; mm
 * short[] hounsfield = new short[grid.voxels()]; // x fastest, then y, then z
 * Image scan = Image.of(grid, hounsfield);
 * Image slice = scan.slice(2, 10); // the plane z = 10
 * short[] labels = new short[grid.voxels()];
 * labels[12 + 64 * (30 + 64 * 10)] = 2;
 * LabelMap mask = new LabelMap(grid, labels);
 * LabelSet names = LabelSet.of(Map.of(1, "pancreas", 2, "tumour"));
 * Structure.of(mask, names).forEach(System.out::println); // 2 tumour: 1 voxel, 1.47 mm³, 1 component
 * System.out.println(slice.grid()); // 64 x 64 pixels of 0.7 x 0.7 mm
 * }</pre>
 */
package org.attunet.image;
