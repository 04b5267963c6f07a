package org.attunet.ranks;

import org.attunet.error.AttunetException;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * The server on which ranks find each other, on a free port: c10d's {@code TCPStore}. Runs in rank 0's process; to be
 * closed after rank 0 has left.
 *
 * <p>It listens on all addresses of the machine and asks for no password, like PyTorch's: run ranks in a trusted network
 * only.
 */
public final class Rendezvous implements AutoCloseable {
    private final TCPStore store;
    private boolean open = true;

    private Rendezvous(TCPStore store) {
        this.store = store;
    }

    /** Starts listening. */
    public static Rendezvous open() {
        Natives.load();
        try (var scope = TensorScope.open()) {
            var options = new TCPStoreOptions();
            options.port((short) 0).isServer(true).waitWorkers(false);
            return new Rendezvous(TensorScope.keep(new TCPStore("127.0.0.1", options)));
        } catch (RuntimeException e) {
            throw new AttunetException(
                    "ranks",
                    "no port can be opened for them (" + TorchProcessGroup.reason(e) + ")",
                    "a free port on this machine",
                    "train without --ranks, or allow this program to listen",
                    e);
        }
    }

    /** The port, for the other ranks. */
    public int port() {
        return Short.toUnsignedInt(store.getPort());
    }

    /**
     * Notifies the other ranks that one has ended, unless it did so itself.
     *
     * @param how in words, such as {@code its process ended with exit code 137}
     */
    public synchronized void ended(int number, String how) {
        if (open) {
            Heartbeat.ended(store, number, how);
        }
    }

    @Override
    public synchronized void close() {
        open = false;
        TensorScope.release(store);
    }
}
