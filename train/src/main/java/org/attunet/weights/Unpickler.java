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
 * <p>A pickle is a program for a stack machine whose opcodes may import and call anything. This machine can't: imports and
 * calls go to an {@link AllowList}, which knows a few names and returns data for them. Memory is bounded, too: lengths are
 * compared with the rest of the input, and the number of opcodes is limited, so that a small file can't create millions of
 * containers. Source of the opcodes: CPython's {@code pickletools}.
 */
final class Unpickler {
    private static final int MAX_OPCODES = 4_000_000;
    private static final int MAX_NAME = 1000;
    private static final int MAX_LONG_BYTES = 1024;

    /** Resolves imports, calls and persistent ids to data, as {@code find_class} and its kind do in Python. */
    interface AllowList {
        /** Returns the value of an imported name; throws if the name is not allowed. */
        Object findClass(String module, String name);

        /** Returns the value of a call. */
        Object call(Object function, PickleValue.Tuple arguments);

        /** Returns the value of a persistent id, which refers to something stored outside the pickle. */
        Object persistentLoad(Object id);
    }

    private final CheckedFile file;
    private final ByteBuffer in;
    private final AllowList allowList;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    /** A machine for the pickle at the buffer's position. */
    Unpickler(CheckedFile file, ByteBuffer in, AllowList allowList) {
        this.file = file;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        this.allowList = allowList;
    }

    /** Runs the pickle, returns its value and leaves the buffer's position after it. */
    Object load() {
        for (int count = 0; count < MAX_OPCODES; count++) {
            int code = u8();
            if (code == '.') { // STOP
                return pop();
            }
            execute(code);
        }
        throw file.broken(
                "the pickle has more than " + MAX_OPCODES + " instructions", "an index of weights of usual size");
    }

    /** Executes one opcode: one line for each, so that the table can be compared with {@code pickletools}. */
    private void execute(int code) {
        switch (code) {
            case 0x80 -> requireProtocol(u8()); // PROTO
            case 0x95 -> bytes(8); // FRAME: the length repeats what the opcodes imply

            case 'N' -> push(PickleValue.None.NONE);
            case 0x88 -> push(true); // NEWTRUE
            case 0x89 -> push(false); // NEWFALSE
            case 'J' -> push((long) i32()); // BININT
            case 'K' -> push((long) u8()); // BININT1
            case 'M' -> push((long) (u8() | u8() << 8)); // BININT2
            case 0x8a -> push(integer(u8())); // LONG1
            case 0x8b -> push(integer(u32())); // LONG4
            case 'G' -> push(next(8).order(ByteOrder.BIG_ENDIAN).getDouble()); // BINFLOAT

            case 'X', 'T' -> push(string(u32())); // BINUNICODE, BINSTRING (Python 2's str)
            case 0x8c, 'U' -> push(string(u8())); // SHORT_BINUNICODE, SHORT_BINSTRING
            case 0x8d -> push(string(i64())); // BINUNICODE8
            case 'B' -> push(bytes(u32())); // BINBYTES
            case 'C' -> push(bytes(u8())); // SHORT_BINBYTES
            case 0x8e, 0x96 -> push(bytes(i64())); // BINBYTES8, BYTEARRAY8

            case '(' -> marks.add(stack.size()); // MARK
            case '0' -> pop(); // POP
            case '1' -> popToMark(); // POP_MARK
            case '2' -> push(top()); // DUP
            case ')' -> push(new PickleValue.Tuple(List.of())); // EMPTY_TUPLE
            case 't' -> push(new PickleValue.Tuple(popToMark())); // TUPLE
            case 0x85, 0x86, 0x87 -> push(new PickleValue.Tuple(pop(code - 0x84))); // TUPLE1 to TUPLE3
            case ']', 0x8f -> push(new PickleValue.Sequence(List.of())); // EMPTY_LIST, EMPTY_SET
            case 'l', 0x91 -> push(new PickleValue.Sequence(popToMark())); // LIST, FROZENSET
            case 'a' -> append(pop(1)); // APPEND
            case 'e', 0x90 -> append(popToMark()); // APPENDS, ADDITEMS
            case '}' -> push(new PickleValue.Dict()); // EMPTY_DICT
            case 'd' -> { // DICT
                List<Object> pairs = popToMark();
                push(new PickleValue.Dict());
                putAll(pairs);
            }
            case 's' -> putAll(pop(2)); // SETITEM
            case 'u' -> putAll(popToMark()); // SETITEMS

            case 'q' -> memo.put(u8(), top()); // BINPUT
            case 'r' -> memo.put(i32(), top()); // LONG_BINPUT
            case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
            case 'h' -> push(memoized(u8())); // BINGET
            case 'j' -> push(memoized(i32())); // LONG_BINGET

            case 'c' -> push(allowList.findClass(line(), line())); // GLOBAL
            case 'i' -> { // INST: a call of protocol 0
                allowList.findClass(line(), line());
                throw broken("the pickle makes an instance in the way of protocol 0");
            }
            case 0x93 -> { // STACK_GLOBAL
                List<Object> names = pop(2);
                push(allowList.findClass(as(names.get(0), String.class), as(names.get(1), String.class)));
            }
            case 'R', 0x81 -> { // REDUCE, NEWOBJ
                PickleValue.Tuple arguments = as(pop(), PickleValue.Tuple.class);
                push(allowList.call(pop(), arguments));
            }
            case 'b' -> { // BUILD: sets attributes, such as the unneeded _metadata of an OrderedDict of weights
                pop();
                as(top(), PickleValue.Dict.class);
            }
            case 'Q' -> push(allowList.persistentLoad(pop())); // BINPERSID
            default -> throw broken(String.format("the pickle has the instruction 0x%02x", code));
        }
    }

    private void requireProtocol(int protocol) {
        if (protocol < 2 || protocol > 5) {
            throw broken("the pickle has protocol " + protocol);
        }
    }

    private void append(List<Object> items) {
        as(top(), PickleValue.Sequence.class).items.addAll(items);
    }

    private void putAll(List<Object> pairs) {
        if (pairs.size() % 2 != 0) {
            throw broken("the pickle has a key without a value");
        }
        PickleValue.Dict dict = as(top(), PickleValue.Dict.class);
        for (int i = 0; i < pairs.size(); i += 2) {
            dict.put(pairs.get(i), pairs.get(i + 1));
        }
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        Object value = top();
        stack.remove(stack.size() - 1);
        return value;
    }

    /** Pops values and returns them in the order in which they were pushed. */
    private List<Object> pop(int count) {
        List<Object> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(0, pop());
        }
        return items;
    }

    /** The top of the stack above the last mark. */
    private Object top() {
        int floor = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
        if (stack.size() <= floor) {
            throw broken("the pickle takes from an empty stack");
        }
        return stack.get(stack.size() - 1);
    }

    private List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw broken("the pickle lacks a mark");
        }
        List<Object> tail = stack.subList(marks.remove(marks.size() - 1), stack.size());
        List<Object> items = new ArrayList<>(tail);
        tail.clear();
        return items;
    }

    private <T> T as(Object value, Class<T> type) {
        if (!type.isInstance(value)) {
            throw broken("the pickle has a " + value.getClass().getSimpleName() + " where a " + type.getSimpleName()
                    + " belongs");
        }
        return type.cast(value);
    }

    private Object memoized(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw broken("the pickle refers to a value " + index + " that it has not stored");
        }
        return value;
    }

    /** A little-endian two's complement integer: a Long if it fits, else a BigInteger. */
    private Object integer(long count) {
        if (count > MAX_LONG_BYTES) {
            throw broken("the pickle has a whole number of " + count + " bytes");
        }
        byte[] digits = bytes(count);
        TensorReader.reverse(digits, digits.length);
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
        ByteBuffer part = next(count);
        byte[] out = new byte[part.remaining()];
        part.get(out);
        return out;
    }

    private int u8() {
        return next(1).get() & 0xff;
    }

    private int i32() {
        return next(4).getInt();
    }

    private long u32() {
        return i32() & 0xffffffffL;
    }

    private long i64() {
        return next(8).getLong();
    }

    /** Consumes bytes of the input after checking that it has them. */
    private ByteBuffer next(long count) {
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
