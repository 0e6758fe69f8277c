"""What may be done with parcels: booking, pickup, handover at the desk, delivery, money."""
