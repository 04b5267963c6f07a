package org.attunet.phantom;

/** What a point of the phantom consists of; air and the scanner's table count as tissues too. */
public enum Tissue {
    AIR(0),
    PANCREAS(9),
    LIVER(4),
    KIDNEY(6),
    SPLEEN(4),
    STOMACH(6),
    BOWEL(9),
    DUODENUM(9),
    VESSEL(0),
    GALLBLADDER(0),
    BONE(30),
    SPINAL_CANAL(0),
    MUSCLE(9),
    FAT(9),
    SKIN(0),
    TABLE(0);

    /** Standard deviation of the texture in Hounsfield units. */
    final double texture;

    Tissue(double texture) {
        this.texture = texture;
    }

    /** The value in {@link AbdomenPhantom.Phantom#organs}, 0 (air) to 15; 1 is the pancreas, as in the mask. */
    @SuppressWarnings("EnumOrdinal") // the declaration order is the numbering
    public int label() {
        return ordinal();
    }
}
