namespace Mlops.Tracking;

/// <summary>The handle that a run belongs to, also when its lease is over; of runs of earlier versions none is known.</summary>
internal static class Migration6
{
    public const string Sql = "ALTER TABLE runs ADD COLUMN holder {text} NOT NULL DEFAULT ''";
}
