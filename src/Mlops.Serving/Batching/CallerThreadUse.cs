using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Which predictions run at once on their caller's thread, where nothing waits and a worker is free. The others run on a thread of the pool, which costs them its wake-up: some microseconds, and tens of them where processors are busy.</summary>
public enum CallerThreadUse
{
    /// <summary>Those without a <see cref="PredictionContext.Deadline"/>: who has set one is let go when it passes, also where the model hangs and nothing can end its call.</summary>
    WithoutDeadline,

    /// <summary>All: nothing is faster, and a model that hangs keeps its caller beyond the deadline.</summary>
    Always,

    /// <summary>None: who cancels is let go too, and no thread of a caller is ever kept by the model.</summary>
    Never,
}
