package org.attunet.weights;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.attunet.error.AttunetException;

/**
 * Reads Python's pickle format, protocols 2 to 5, into plain data.
 *
 * <p>A pickle is a program for a stack machine whose instructions may import and call anything. This machine has no
 * such power: imports and calls go to a {@link World}, which knows a short list of names and answers with data. Memory
 * is bounded, too: lengths are compared with what is left of the input, and the number of instructions has a limit, so
 * that a small file can't make millions of containers. Source of the instructions: CPython's {@code pickletools}.
 */
final class Unpickler {
    private static final int MAX_INSTRUCTIONS = 4_000_000;
    private static final int MAX_NAME = 1000;
    private static final int MAX_LONG_BYTES = 1024;

    /** What imports, calls and references to outside stand for. */
    interface World {
        /** The value behind an imported name; a name that is not on the allow-list is refused. */
        Object global(String module, String name);

        /** The value of a call. */
        Object call(Object function, PickleValue.Tuple arguments);

        /** The value behind an identifier of something stored outside the pickle. */
        Object outside(Object id);
    }

    private final CheckedFile file;
    private final ByteBuffer in;
    private final World world;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    /** A machine for one pickle, which begins at the buffer's position and leaves it behind its end. */
    Unpickler(CheckedFile file, ByteBuffer in, World world) {
        this.file = file;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        this.world = world;
    }

    /** Runs the pickle and returns its value. */
    Object load() {
        for (int count = 0; count < MAX_INSTRUCTIONS; count++) {
            int code = u8();
            if (code == '.') {
                return pop();
            }
            if (!scalar(code) && !text(code) && !container(code) && !memory(code) && !reference(code)) {
                throw broken(String.format("the pickle has the instruction 0x%02x", code));
            }
        }
        throw file.broken(
                "the pickle has more than " + MAX_INSTRUCTIONS + " instructions", "an index of weights of usual size");
    }

    private boolean scalar(int code) {
        switch (code) {
            case 0x80 -> { // PROTO
                int protocol = u8();
                if (protocol < 2 || protocol > 5) {
                    throw broken("the pickle has protocol " + protocol);
                }
            }
            case 0x95 -> bytes(8); // FRAME: its length repeats what the instructions say
            case 'N' -> push(PickleValue.None.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'J' -> push((long) i32());
            case 'K' -> push((long) u8());
            case 'M' -> push((long) (u8() | u8() << 8));
            case 0x8a -> push(number(u8())); // LONG1
            case 0x8b -> push(number(u32())); // LONG4
            case 'G' -> push(need(8).order(ByteOrder.BIG_ENDIAN).getDouble());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean text(int code) {
        switch (code) {
            case 'X' -> push(string(u32()));
            case 0x8c -> push(string(u8()));
            case 0x8d -> push(string(i64()));
            case 'U' -> push(string(u8())); // Python 2's str
            case 'T' -> push(string(u32()));
            case 'B' -> push(bytes(u32()));
            case 'C' -> push(bytes(u8()));
            case 0x8e, 0x96 -> push(bytes(i64()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int code) {
        switch (code) {
            case '(' -> marks.add(stack.size());
            case '0' -> pop();
            case '1' -> marked();
            case '2' -> push(top());
            case ')' -> push(new PickleValue.Tuple(List.of()));
            case 't' -> push(new PickleValue.Tuple(marked()));
            case 0x85, 0x86, 0x87 -> push(new PickleValue.Tuple(last(code - 0x84)));
            case ']', 0x8f -> push(new PickleValue.Sequence());
            case 'l', 0x91 -> pushSequence(marked());
            case 'a' -> {
                Object item = pop();
                topAs(PickleValue.Sequence.class).items.add(item);
            }
            case 'e', 0x90 -> {
                List<Object> items = marked();
                topAs(PickleValue.Sequence.class).items.addAll(items);
            }
            case '}' -> push(new PickleValue.Dict());
            case 'd' -> {
                List<Object> pairs = marked();
                push(new PickleValue.Dict());
                putAll(pairs);
            }
            case 's' -> putAll(last(2));
            case 'u' -> putAll(marked());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memory(int code) {
        switch (code) {
            case 'q' -> memo.put(u8(), top());
            case 'r' -> memo.put(i32(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'h' -> push(remembered(u8()));
            case 'j' -> push(remembered(i32()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean reference(int code) {
        switch (code) {
            case 'c', 'i' -> { // GLOBAL, and INST, which would also call it
                String module = line();
                push(world.global(module, line()));
                if (code == 'i') {
                    throw broken("the pickle makes an instance in the way of protocol 0");
                }
            }
            case 0x93 -> {
                Object name = pop();
                push(world.global(as(pop(), String.class), as(name, String.class)));
            }
            case 'R', 0x81 -> { // REDUCE, NEWOBJ
                PickleValue.Tuple arguments = as(pop(), PickleValue.Tuple.class);
                push(world.call(pop(), arguments));
            }
            case 'b' -> {
                // BUILD sets attributes, which an OrderedDict of weights has (_metadata) and nobody needs.
                pop();
                topAs(PickleValue.Dict.class);
            }
            case 'Q' -> push(world.outside(pop()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void putAll(List<Object> pairs) {
        if (pairs.size() % 2 != 0) {
            throw broken("the pickle has a key without a value");
        }
        PickleValue.Dict dict = topAs(PickleValue.Dict.class);
        for (int i = 0; i < pairs.size(); i += 2) {
            dict.put(pairs.get(i), pairs.get(i + 1));
        }
    }

    private void pushSequence(List<Object> items) {
        PickleValue.Sequence sequence = new PickleValue.Sequence();
        sequence.items.addAll(items);
        push(sequence);
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        Object value = top();
        stack.remove(stack.size() - 1);
        return value;
    }

    private Object top() {
        int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
        if (stack.size() <= floor) {
            throw broken("the pickle takes from an empty stack");
        }
        return stack.get(stack.size() - 1);
    }

    private List<Object> last(int count) {
        List<Object> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(0, pop());
        }
        return items;
    }

    private List<Object> marked() {
        if (marks.isEmpty()) {
            throw broken("the pickle lacks a mark");
        }
        List<Object> tail = stack.subList(marks.remove(marks.size() - 1), stack.size());
        List<Object> items = new ArrayList<>(tail);
        tail.clear();
        return items;
    }

    private <T> T topAs(Class<T> type) {
        return as(top(), type);
    }

    private <T> T as(Object value, Class<T> type) {
        if (!type.isInstance(value)) {
            throw broken("the pickle has a " + value.getClass().getSimpleName() + " where a " + type.getSimpleName()
                    + " belongs");
        }
        return type.cast(value);
    }

    private Object remembered(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw broken("the pickle refers to a value " + index + " that it has not made");
        }
        return value;
    }

    private Object number(long count) {
        if (count > MAX_LONG_BYTES) {
            throw broken("the pickle has a whole number of " + count + " bytes");
        }
        byte[] digits = bytes(count);
        for (int i = 0, j = digits.length - 1; i < j; i++, j--) {
            byte swap = digits[i];
            digits[i] = digits[j];
            digits[j] = swap;
        }
        BigInteger value = digits.length == 0 ? BigInteger.ZERO : new BigInteger(digits);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private String string(long count) {
        return new String(bytes(count), StandardCharsets.UTF_8);
    }

    private String line() {
        StringBuilder text = new StringBuilder();
        for (int c = u8(); c != '\n'; c = u8()) {
            if (text.length() == MAX_NAME) {
                throw broken("the pickle names something in more than " + MAX_NAME + " characters");
            }
            text.append((char) c);
        }
        return text.toString();
    }

    private byte[] bytes(long count) {
        ByteBuffer part = need(count);
        byte[] out = new byte[part.remaining()];
        part.get(out);
        return out;
    }

    private int u8() {
        return need(1).get() & 0xff;
    }

    private int i32() {
        return need(4).getInt();
    }

    private long u32() {
        return i32() & 0xffffffffL;
    }

    private long i64() {
        return need(8).getLong();
    }

    /** The next bytes of the input, which is checked to have them. */
    private ByteBuffer need(long count) {
        if (count < 0 || count > in.remaining()) {
            throw broken("the pickle ends within an instruction");
        }
        ByteBuffer part = in.slice(in.position(), (int) count).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) count);
        return part;
    }

    private AttunetException broken(String found) {
        return file.broken(found, "a pickle as torch.save writes it");
    }
}
