/** A program on the module path that segments a picture. */
module example.modular {
    requires org.attunet.core;
}
