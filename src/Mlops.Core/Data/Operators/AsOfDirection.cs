namespace Mlops.Data;

/// <summary>In which direction an as-of join looks for the right row nearest in time.</summary>
public enum AsOfDirection
{
    /// <summary>Back: the last right row that is not later. A left row never sees what was not known at its time.</summary>
    Backward,

    /// <summary>Ahead: the first right row that is not earlier. It lets a row see its future: for labels, never for features.</summary>
    Forward,

    /// <summary>Either way, whichever is nearer; back when both are equally near. It lets a row see its future.</summary>
    Nearest,
}
