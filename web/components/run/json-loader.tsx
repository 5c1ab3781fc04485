'use client'
import dynamic from 'next/dynamic'

/** JSON that the browser draws, on pages whose server draws what is short. */
export const JsonLater = dynamic(() => import('./json-view.tsx').then((module) => module.JsonView))
