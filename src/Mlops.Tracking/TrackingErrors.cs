using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The exceptions for what is asked for and does not exist, and for runs that have ended, in the same words from every store.</summary>
internal static class TrackingErrors
{
    public static EntityNotFoundException Run(string runId) => new("run", runId, $"There is no run '{runId}' in this store; check the identifier and the store.");

    public static EntityNotFoundException Experiment(string name) => new("experiment", name, $"There is no experiment '{name}'; start a run in it, or check the name.");

    public static EntityNotFoundException ExperimentId(string id) => new("experiment", id, $"There is no experiment with the identifier '{id}'; create it first.");

    public static EntityConflictException ExperimentTaken(string name)
        => new("experiment", name, $"There is an experiment '{name}' already, perhaps a deleted one; find it, or use another name.");

    public static EntityConflictException ExperimentDeleted(string name)
        => new("experiment", name, $"The experiment '{name}' is deleted, so it was left as it is; restore it, or use another one.");

    public static EntityConflictException RunDeleted(string runId, string attempted)
        => new("run", runId, $"The run '{runId}' is deleted, so {attempted} was refused; restore the run first.");

    /// <summary>What a handle says whose run was deleted; the cause has the same kind.</summary>
    public static EntityConflictException RunDeletedMeanwhile(string runId, Exception cause)
        => new("run", runId, $"The run '{runId}' was deleted, so what this handle logged since was refused, and it takes nothing more; restore the run, and go on with another handle from ResumeRunAsync.", cause);

    /// <summary>Tells whether a run refuses changes because it is deleted.</summary>
    public static bool IsRunDeleted(Exception error) => error is EntityConflictException { Kind: "run" };

    public static EntityConflictException RunHeld(string runId)
        => new("run", runId, $"The run '{runId}' has not ended and a process holds it, so it cannot be resumed; let that process end it, or wait until its lease is over.");

    public static EntityConflictException RunLost(string runId)
        => new("run holder", runId, $"The run '{runId}' was resumed elsewhere, so the handle that held it before cannot write to it any more; start another run, or resume it when it has ended.");

    /// <summary>Tells whether somebody else has ended the run, or holds it now, so that an end of it can never be made.</summary>
    public static bool IsOutOfHand(Exception error) => error is RunFinishedException or EntityConflictException { Kind: "run holder" };

    public static EntityConflictException RunTaken(string runId) => new("run", runId, $"There is a run '{runId}' already; make another identifier.");

    public static EntityNotFoundException Model(string name) => new("registered model", name, $"There is no registered model '{name}'; register a version of it first.");

    public static EntityConflictException ModelTaken(string name)
        => new("registered model", name, $"There is a registered model '{name}' already; register versions of it, or use another name.");

    public static EntityNotFoundException NoVersions(string name)
        => new("model version", $"{name}/{ModelUri.Latest}", $"The registered model '{name}' has no version; register one first.");

    public static EntityNotFoundException Stage(string name, ModelStage stage)
        => new("model version", $"{name}/{stage}", $"The registered model '{name}' has no version in the stage {stage}; move one there, or use an alias.");

    public static EntityNotFoundException Version(string name, int version)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{name}/{version}");
        return new EntityNotFoundException("model version", text, $"There is no version '{text}'; list the versions of '{name}' to see which there are.");
    }

    public static EntityNotFoundException Alias(string name, string alias)
        => new("alias", alias, $"The registered model '{name}' has no alias '{alias}'; point it to a version with SetAliasAsync first.");

    public static RunFinishedException Ended(string runId, string attempted, RunStatus? status = null)
        => new(runId, $"The run '{runId}' has ended{(status is { } known ? $" as {known}" : "")}, so {attempted} was refused: its params, metrics and inputs are settled. Make it go on with ResumeRunAsync, or start another run; name, notes and tags can be changed by Runs.UpdateRunAsync.");

    public static EntityConflictException Param(string runId, string name)
        => new("param", name, $"The param '{name}' of run '{runId}' has another value already, and params are immutable. Use another name, or log the changing value as a metric.");

    public static EntityConflictException RequestKey(string name, int version) => new(
        "model version", string.Create(CultureInfo.InvariantCulture, $"{name}/{version}"),
        string.Create(CultureInfo.InvariantCulture, $"Version {version} of '{name}' was registered with the same request key, but with another source or digest; make a new key for each version."));

    public static EntityConflictException AliasElsewhere(string name, string alias, int? present)
    {
        var where = present is { } version ? string.Create(CultureInfo.InvariantCulture, $"points to version {version}") : "does not exist";
        return new EntityConflictException("alias", alias, $"The alias '{alias}' of '{name}' {where} and was left alone, because the condition says otherwise; look again and decide anew.");
    }
}
