package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.stream.Collectors;
import org.attunet.dataset.Split;
import org.attunet.network.NetworkConfig;
import org.jspecify.annotations.Nullable;

/** The wording of networks, splits and counts in output. */
final class Wording {
    private Wording() {}

    /** A network in words, such as {@code Attention U-Net, 2D, 3 channels, 1 output, widths 64 to 1024}. */
    static String of(NetworkConfig network) {
        boolean paper = network.family() == NetworkConfig.Family.GRID_ATTENTION_UNET;
        String family = network.gates() == NetworkConfig.Gates.NONE
                ? (paper ? "the paper's U-Net" : "U-Net")
                : (paper ? "the paper's grid Attention U-Net" : "Attention U-Net");
        return family + ", " + network.dimension() + "D, " + counted(network.channels(), "channel") + ", "
                + counted(network.outputs(), "output") + ", widths "
                + network.widths().stream().map(String::valueOf).collect(Collectors.joining(" "))
                + ", gates " + word(network.gates()) + ", upsampling " + word(network.upsampling())
                + ", normalisation " + word(network.normalisation())
                + (network.deepSupervision() ? ", deep supervision" : "");
    }

    /** A network as JSON. */
    static ObjectNode json(NetworkConfig network) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("family", word(network.family()));
        json.put("dimension", network.dimension());
        json.put("channels", network.channels());
        json.put("outputs", network.outputs());
        network.widths().forEach(json.putArray("widths")::add);
        json.put("upsampling", word(network.upsampling()));
        json.put("normalisation", word(network.normalisation()));
        json.put("gates", word(network.gates()));
        json.put("deep_supervision", network.deepSupervision());
        return json;
    }

    /** {@code 150 to train, 16 to validate, 42 held out}. */
    static String of(Split split) {
        return split.train().size() + " to train, " + split.validation().size() + " to validate, "
                + split.test().size() + " held out";
    }

    /** {@code 1 case}, {@code 2 cases}. */
    static String counted(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** Formats text in the root locale. */
    static String format(String pattern, @Nullable Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** A constant as written on the command line: {@code GRID_MULTI} as {@code grid-multi}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
