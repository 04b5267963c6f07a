package org.attunet.phantom;

/**
 * What a point of the phantom is made of. The label in {@link AbdomenPhantom.Phantom#organs} is {@link #label}; the
 * pancreas has label 1 there as in the pancreas mask.
 */
public enum Structure {
    AIR(0),
    PANCREAS(1),
    LIVER(2),
    KIDNEY(3),
    SPLEEN(4),
    STOMACH(5),
    BOWEL(6),
    DUODENUM(7),
    VESSEL(8),
    GALLBLADDER(9),
    BONE(10),
    SPINAL_CANAL(11),
    MUSCLE(12),
    FAT(13),
    SKIN(14),
    TABLE(15);

    private final int label;

    Structure(int label) {
        this.label = label;
    }

    /** The label in the map of all structures, 0 (air) to 15. */
    public int label() {
        return label;
    }
}
