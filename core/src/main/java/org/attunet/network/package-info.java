/**
 * Networks as they are published: configuration, layers and forward pass, stated once and read in several ways.
 *
 * <pre>{@code
 * NetworkConfig config = NetworkConfig.attUNet(2, 3, 1).withWidths(List.of(16, 32, 64, 128, 256));
 * Network network = Network.of(config);
 * network.weights().forEach((name, shape) -> System.out.println(name + " " + Arrays.toString(shape)));
 * System.out.println("inputs are multiples of " + config.multiple());
 * NetworkCost cost = NetworkCost.of(config);
 * System.out.println(cost.operations() + " operations per pixel");
 * System.out.println("reach " + ReceptiveField.of(config));
 * System.out.println("input " + config.channels() + ", output " + config.outputs());
 * NetworkConfig volumes = NetworkVariant.GRID_ATTENTION.like(config);
 * System.out.println(volumes.dimension() + "D");
 * }</pre>
 */
package org.attunet.network;
