package com.demo.api;

public interface OrderService {
    /** The pod that answers. */
    String who();
}
