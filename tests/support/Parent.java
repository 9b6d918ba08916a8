/** Ends a server with the test that started it, however that ends: then its pipe to us closes. */
class Parent {
    static void endWith() {
        Thread watch = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {}
            } catch (java.io.IOException e) {
                // Closed is closed.
            }
            Runtime.getRuntime().halt(1);
        });
        watch.setDaemon(true);
        watch.start();
    }
}
