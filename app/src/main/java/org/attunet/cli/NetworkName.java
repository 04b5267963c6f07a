package org.attunet.cli;

import java.util.ArrayList;
import java.util.List;
import org.attunet.network.NetworkConfig;

/** The networks by name. */
enum NetworkName {
    ATTENTION_UNET,
    UNET,
    GRID_ATTENTION,
    GRID_ATTENTION_MULTI,
    GRID_UNET;

    private static final int PAPER_LEVELS = 5;

    @Override
    public String toString() {
        return OptionText.word(this);
    }

    /** The network of this name for the data that another one was planned for; the paper's with its own widths. */
    NetworkConfig of(NetworkConfig planned) {
        return switch (this) {
            case ATTENTION_UNET -> planned;
            case UNET -> planned.withGates(NetworkConfig.Gates.NONE);
            case GRID_ATTENTION -> paper(planned, NetworkConfig.Gates.GRID_SINGLE);
            case GRID_ATTENTION_MULTI -> paper(planned, NetworkConfig.Gates.GRID_MULTI);
            case GRID_UNET -> paper(planned, NetworkConfig.Gates.NONE);
        };
    }

    /**
     * The same, as like the planned network as the family allows: of its widths the first five, doubled on where there
     * are fewer, and deep supervision where it has it.
     */
    NetworkConfig like(NetworkConfig planned) {
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

    /** The network of this name, with a pretrained one's layers where the two are of one family. */
    NetworkConfig from(NetworkConfig pretrained, NetworkConfig planned) {
        NetworkConfig network = of(planned);
        return network.family() == pretrained.family() ? pretrained.withGates(network.gates()) : network;
    }

    private static NetworkConfig paper(NetworkConfig planned, NetworkConfig.Gates gates) {
        return NetworkConfig.paper(planned.dimension(), planned.channels(), planned.outputs(), gates);
    }
}
