"""What we ourselves say of a due's money in ``last_error``, beside what payments' doubts say."""

from contracts.payment.doubts import OurWords


class DueDoubt(OurWords):
    ANOTHER_OBJECT = "The server also has %(other)s"
    RECEIVED_IN_PART = "Intent %(intent)s: %(received)s of %(whole)s were received"
    SEVERAL = "The server has %(many)s of them: %(objects)s"
    OTHER_THAN_ASKED = "%(object)s: %(what)s is %(theirs)s, ordered was %(ours)s"
