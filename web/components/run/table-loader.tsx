'use client'
import dynamic from 'next/dynamic'

/** Loaded where there are more rows than are drawn at first. */
export const GrowingTable = dynamic(() => import('./growing-table.tsx').then((module) => module.GrowingTable))
