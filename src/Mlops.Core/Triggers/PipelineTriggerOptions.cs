namespace Mlops.Triggers;

/// <summary>How often a <see cref="PipelineTrigger"/> runs its pipeline.</summary>
public sealed class PipelineTriggerOptions
{
    /// <summary>Gets or sets how long after the end of a run no other one begins, whatever its cause.</summary>
    /// <value>The default value is zero: no pause.</value>
    public TimeSpan Cooldown { get; set; }

    /// <summary>Gets or sets how long a run's claim lasts when its host dies; while the run goes on it is renewed every third of that.</summary>
    /// <value>The default value is 1 minute.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long a cause that ran is remembered; one that is fired again later runs again.</summary>
    /// <value>The default value is 90 days.</value>
    public TimeSpan CauseRetention { get; set; } = TimeSpan.FromDays(90);
}
