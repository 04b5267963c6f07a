package org.attunet.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The networks that a training can choose by name. */
public enum NetworkVariant {
    /** The Attention U-Net of {@link AttentionUNet}. */
    ATTENTION_UNET,
    /** The same without gates. */
    UNET,
    /** The 3D network of the paper's authors, {@link GridAttentionUNet}, with a gate of one map. */
    GRID_ATTENTION,
    /** The same with a gate of several maps. */
    GRID_ATTENTION_MULTI,
    /** The same without gates. */
    GRID_UNET;

    private static final int PAPER_LEVELS = 5;

    /** The name as users write it, such as {@code attention-unet}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * {@return this network for the data that another one was planned for; the paper's networks keep their widths}
     *
     * @param planned the network that the planner chose
     */
    public NetworkConfig of(NetworkConfig planned) {
        return switch (this) {
            case ATTENTION_UNET -> attUNet(planned, NetworkConfig.Gates.ADDITIVE);
            case UNET -> attUNet(planned, NetworkConfig.Gates.NONE);
            case GRID_ATTENTION -> paper(planned, NetworkConfig.Gates.GRID_SINGLE);
            case GRID_ATTENTION_MULTI -> paper(planned, NetworkConfig.Gates.GRID_MULTI);
            case GRID_UNET -> paper(planned, NetworkConfig.Gates.NONE);
        };
    }

    /**
     * {@return this network as similar to the planned one as its family allows: with the first five planned widths, doubled
     * on if there are fewer, and with its deep supervision}
     *
     * @param planned the network that the planner chose
     */
    public NetworkConfig like(NetworkConfig planned) {
        NetworkConfig network = of(planned);
        if (network.family() == planned.family()) {
            return network;
        }
        List<Integer> widths = new ArrayList<>(planned.widths()
                .subList(0, Math.min(PAPER_LEVELS, planned.widths().size())));
        while (widths.size() < PAPER_LEVELS) {
            widths.add(2 * widths.get(widths.size() - 1));
        }
        return network.withWidths(widths).withDeepSupervision(planned.deepSupervision());
    }

    /**
     * {@return this network with the layers of a pretrained one if both are of one family}
     *
     * @param pretrained the network of the weights to start from
     * @param planned the network that the planner chose
     */
    public NetworkConfig from(NetworkConfig pretrained, NetworkConfig planned) {
        NetworkConfig network = of(planned);
        return network.family() == pretrained.family() ? pretrained.withGates(network.gates()) : network;
    }

    private static NetworkConfig attUNet(NetworkConfig planned, NetworkConfig.Gates gates) {
        NetworkConfig network = planned.family() == NetworkConfig.Family.ATTENTION_UNET
                ? planned
                : NetworkConfig.attUNet(planned.dimension(), planned.channels(), planned.outputs())
                        .withWidths(planned.widths())
                        .withDeepSupervision(planned.deepSupervision());
        return network.withGates(gates);
    }

    private static NetworkConfig paper(NetworkConfig planned, NetworkConfig.Gates gates) {
        return NetworkConfig.paper(planned.dimension(), planned.channels(), planned.outputs(), gates);
    }
}
