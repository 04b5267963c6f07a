package org.attunet.weights;

import java.nio.file.Path;
import java.util.List;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a network in a checkpoint that may hold more: other networks, averages, an optimizer, a loss.
 *
 * @param weights without the prefixes of wrappers and containers
 * @param notes what was taken and what was left, a sentence each; empty if the file holds nothing else
 */
public record SavedNetwork(StateDict weights, List<String> notes) {
    /** Copies. */
    public SavedNetwork {
        notes = List.copyOf(notes);
    }

    /**
     * Reads the network of a PyTorch or safetensors file; if no network is recognised there, all weights of the file.
     *
     * @param key parts of its place in the file, such as {@code ema} or {@code state_dict.net}; null for the only network,
     *     or the only one that is no moving average of another
     * @throws AttunetException if the file can't be read, or holds several networks of equal standing
     */
    public static SavedNetwork read(Path file, @Nullable String key) {
        SavedNetwork found =
                Safetensors.looksLike(file) ? Safetensors.network(file, key) : TorchFile.network(file, key);
        if (found == null && key != null) {
            throw new AttunetException(
                    file,
                    "it holds no network that is known by its names",
                    "one under the key " + key,
                    "leave --key out to see what the file holds");
        }
        return found == null ? new SavedNetwork(StateDict.read(file), List.of()) : found;
    }
}
