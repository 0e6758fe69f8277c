from hoso.clock.rules import Clock, ClockError, IntakeStart, Rules, SupplementMode, Timeliness

__all__ = ["Clock", "ClockError", "IntakeStart", "Rules", "SupplementMode", "Timeliness"]
