"""The operator when there is none: says yes at once, and says that it is only simulated."""

from buuchinh.carriers import Answer, Order


class SimulatedCarrier:
    """Used until an operator's address is configured; nothing leaves the building."""

    name = "mô phỏng"

    def send_order(self, order: Order) -> Answer:
        """Accept every order with a number (the real one needs an item code too)."""
        if not order.item_code:
            return Answer(accepted=False, message="mô phỏng: đơn thiếu số hiệu bưu gửi")
        return Answer(
            accepted=True, reference=f"MP-{order.order_number}", message="mô phỏng: không gửi ra ngoài"
        )
